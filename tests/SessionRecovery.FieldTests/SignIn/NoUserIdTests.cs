using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>
/// Tests requests whose principal is verified but has no user id claim, such as a service's token, an API key, or a token with an empty
/// subject.
/// </summary>
[TestFixture]
internal sealed class NoUserIdTests : FieldTest
{
    private static readonly (HttpMethod Method, string Path)[] Requests =
    [
        (HttpMethod.Get, "/auth/credits"),
        (HttpMethod.Post, "/auth/verify"),
        (HttpMethod.Get, "/session/health"),
        (HttpMethod.Post, "/session/recover"),
        (HttpMethod.Post, "/session/end"),
        (HttpMethod.Get, "/uploads"),
        (HttpMethod.Post, "/uploads"),
        (HttpMethod.Get, "/uploads/file.wav"),
        (HttpMethod.Delete, "/uploads/file.wav"),
        (HttpMethod.Post, "/uploads/file.wav/links"),
        (HttpMethod.Post, "/paid"),
    ];

    [TestCase("client_id", "service")]
    [TestCase("sub", "")]
    [TestCase("sub", " ")]
    public async Task Every_endpoint_answers_401_no_user_id(string claim, string value)
    {
        await StartAsync(
            static app => app.MapPost("/paid", static () => "paid").RequireCredits(5),
            configure: (_, recovery) => recovery.AddLocalFiles(File("files")),
            authenticate: static services => services.AddAuthentication("service")
                .AddScheme<AuthenticationSchemeOptions, ServiceHandler>("service", null));
        using var client = Host.Anonymous();

        foreach (var (method, path) in Requests)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Idempotency-Key", "key-1");
            request.Headers.Add("X-Claim", $"{claim}={value}");
            using var response = await client.SendAsync(request);

            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, path);
            (await CodeAsync(response)).Should().Be("no_user_id");
        }
    }
}
