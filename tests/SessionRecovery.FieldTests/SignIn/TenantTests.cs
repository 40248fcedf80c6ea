using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>Users with a balance at each tenant, and organizations whose members share their credits.</summary>
[TestFixture]
internal sealed class TenantTests : FieldTest
{
    private static readonly byte[] Wav = [.. "RIFF\0\0\0\0WAVEfmt "u8, .. new byte[100]];

    [Test]
    public async Task A_user_has_another_balance_at_each_tenant()
    {
        var wallets = new ConcurrentDictionary<(string, string), long> { [("a", "ann")] = 10, [("b", "ann")] = 500, [("b", "bob")] = 7 };
        await using var app = await StartTenantsAsync(wallets);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        long?[] reads =
        [
            await CreditsAsync(client, "sub=ann;tenant=a"),
            await CreditsAsync(client, "sub=ann;tenant=b"),
            await CreditsAsync(client, "sub=ann;tenant=a"),
            await CreditsAsync(client, "sub=bob;tenant=b"),
            await CreditsAsync(client, "sub=bob;tenant=a"),
            await CreditsAsync(client, "sub=ann"),
            await CreditsAsync(client, "sub=ann;tenant=b"),
        ];

        reads.Should().Equal(10, 500, 10, 7, null, null, 500);
    }

    [Test]
    public async Task A_recovery_returns_the_balance_of_its_own_tenant()
    {
        var wallets = new ConcurrentDictionary<(string, string), long> { [("a", "ann")] = 10, [("b", "ann")] = 500 };
        await using var app = await StartTenantsAsync(wallets);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var recovered = new List<long>();

        foreach (var tenant in (string[])["a", "b", "a"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/session/recover");
            request.Content = JsonContent.Create(new { trigger = "manual" });
            request.Headers.Add("X-Claim", $"sub=ann;tenant={tenant}");
            request.Headers.Add("Session-Client", "1");
            using var response = await client.SendAsync(request);
            recovered.Add((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("credits").GetInt64());
        }

        recovered.Should().Equal(10, 500, 10);
    }

    [Test]
    public async Task Members_of_an_organization_share_credits_but_no_files()
    {
        await StartOrganizationsAsync();
        using var client = Host.Anonymous();
        (await CreditsAsync(client, "sub=ann;org=acme")).Should().Be(100);

        using var paid = await PayAsync(client, "sub=ann;org=acme", "key-1");
        using var uploaded = await SendAsync(client, HttpMethod.Post, "/uploads", "sub=ann;org=acme", CreateUpload());
        var url = uploaded.Headers.Location!.OriginalString;
        using var own = await SendAsync(client, HttpMethod.Get, url, "sub=ann;org=acme");
        using var foreign = await SendAsync(client, HttpMethod.Get, url, "sub=bob;org=acme");
        using var link = await SendAsync(client, HttpMethod.Post, $"{url}/links", "sub=bob;org=acme");
        using var deleted = await SendAsync(client, HttpMethod.Delete, url, "sub=bob;org=acme");
        using var list = await SendAsync(client, HttpMethod.Get, "/uploads", "sub=bob;org=acme");

        (await CreditsAsync(client, "sub=bob;org=acme")).Should().Be(95);
        HttpStatusCode[] statuses = [own.StatusCode, foreign.StatusCode, link.StatusCode, deleted.StatusCode];
        statuses.Should().Equal(HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound);
        (await list.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("files").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task A_colleague_does_not_receive_the_stored_response()
    {
        await StartOrganizationsAsync();
        using var client = Host.Anonymous();

        using var paid = await PayAsync(client, "sub=ann;org=acme", "key-1");
        using var repeated = await PayAsync(client, "sub=ann;org=acme", "key-1");
        using var stolen = await PayAsync(client, "sub=bob;org=acme", "key-1");

        (await paid.Content.ReadAsStringAsync()).Should().Be("for ann");
        (await repeated.Content.ReadAsStringAsync()).Should().Be("for ann");
        stolen.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await CreditsAsync(client, "sub=ann;org=acme")).Should().Be(95);
    }

    [Test]
    public async Task A_principal_without_a_person_owns_no_files()
    {
        await StartOrganizationsAsync();
        using var client = Host.Anonymous();

        using var files = await SendAsync(client, HttpMethod.Get, "/uploads", "org=acme");

        files.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await CodeAsync(files)).Should().Be("no_user_id");
        (await CreditsAsync(client, "org=acme")).Should().Be(100);
    }

    [Test]
    public async Task The_claim_for_files_can_be_chosen()
    {
        await StartOrganizationsAsync(static options => options.FileUserIdClaims.Add("member"));
        using var client = Host.Anonymous();

        using var uploaded = await SendAsync(client, HttpMethod.Post, "/uploads", "member=7;org=acme", CreateUpload());
        var url = uploaded.Headers.Location!.OriginalString;
        using var own = await SendAsync(client, HttpMethod.Get, url, "member=7;sub=other;org=acme");
        using var foreign = await SendAsync(client, HttpMethod.Get, url, "member=8;sub=ann;org=acme");

        own.StatusCode.Should().Be(HttpStatusCode.OK);
        foreign.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private static async Task<WebApplication> StartTenantsAsync(ConcurrentDictionary<(string, string), long> wallets)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication("service").AddScheme<AuthenticationSchemeOptions, ServiceHandler>("service", null);
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton(wallets);
        builder.Services.AddSessionRecovery().UseCreditReader<TenantReader>();
        builder.Services.Configure<UserSessionOptions>(static options => options.Enrich = static (context, properties) =>
        {
            if (context.User.FindFirstValue("tenant") is { } tenant)
            {
                properties["tenant"] = tenant;
            }

            return default;
        });
        var app = builder.Build();
        app.MapSessionRecovery();
        await app.StartAsync();
        return app;
    }

    private Task StartOrganizationsAsync(Action<UserSessionOptions>? configure = null) => StartAsync(
        static app => app.MapPost("/paid", static (ClaimsPrincipal user) => $"for {user.FindFirstValue("sub")}").RequireCredits(5),
        configure: (builder, recovery) =>
        {
            recovery.AddLocalFiles(File("files"));
            builder.Services.Configure<UserSessionOptions>(options =>
            {
                options.UserIdClaims.Add("org");
                configure?.Invoke(options);
            });
        },
        authenticate: static services => services.AddAuthentication("service")
            .AddScheme<AuthenticationSchemeOptions, ServiceHandler>("service", null));

    private static MultipartFormDataContent CreateUpload()
    {
        var file = new ByteArrayContent(Wav);
        file.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        return new MultipartFormDataContent { { file, "file", "take.wav" } };
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, string claims, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add("X-Claim", claims);
        request.Headers.Add("Session-Client", "1");
        return await client.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> PayAsync(HttpClient client, string claims, string key)
    {
        using var request = FieldHost.Paid("/paid", key);
        request.Headers.Add("X-Claim", claims);
        return await client.SendAsync(request);
    }

    private static async Task<long?> CreditsAsync(HttpClient client, string claims)
    {
        using var response = await SendAsync(client, HttpMethod.Get, "/auth/credits", claims);
        var credits = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("credits");
        return credits.ValueKind == JsonValueKind.Null ? null : credits.GetInt64();
    }
}
