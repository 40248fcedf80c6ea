using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.DependencyInjection;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.KeyRing;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>Tests sign-in cookies and signed links in a new container, and during an outage of their key ring.</summary>
[TestFixture]
internal sealed class KeyRingTests : FieldTest
{
    private static readonly Exception[] Failures =
    [
        new IOException("The network share is gone."),
        new TimeoutException("The key store did not answer."),
        new InvalidOperationException("The connection pool is exhausted."),
        new HttpRequestException("Connection refused."),
    ];

    [Test]
    public async Task Cookie_and_link_survive_a_new_container([Values] bool isEncrypted)
    {
        using var certificate = CreateCertificate();
        await StartAsync();
        using var ann = await SignInAsync();
        var link = await CreateLinkAsync(ann);

        Directory.Delete(File("keys"), recursive: true);
        await StartAsync();

        using var restarted = Continue(ann);
        (await restarted.GetAsync("/session/health")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await restarted.GetStringAsync(link)).Should().StartWith("RIFF");
        (await IsPlainAsync()).Should().Be(!isEncrypted);

        Task StartAsync() => this.StartAsync((builder, recovery) =>
        {
            recovery.PersistDataProtectionKeys();
            if (isEncrypted)
            {
                builder.Services.AddDataProtection().ProtectKeysWithCertificate(certificate);
            }
        });
    }

    [TestCaseSource(nameof(Failures))]
    public async Task Keys_that_cannot_be_loaded_are_503_and_then_200(Exception failure)
    {
        var repository = new FlakyRepository(File("own-keys"));
        await StartAsync(repository);
        using var first = await SignInAsync();
        var link = await CreateLinkAsync(first);

        repository.Failure = failure;
        await StartAsync(repository);
        using var ann = Continue(first);
        string[] paths = ["/session/health", "/auth/credits", "/uploads", "/own", "/page", link];
        foreach (var path in paths)
        {
            using var response = await ann.GetAsync(path);

            response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, path);
            (await CodeAsync(response)).Should().Be("sign_in_unavailable");
            response.Headers.RetryAfter.Should().NotBeNull();
            response.Headers.Contains("Set-Cookie").Should().BeFalse();
        }

        using (var signIn = await ann.PostAsync("/cookie", content: null))
        {
            (await CodeAsync(signIn)).Should().Be("sign_in_unavailable");
        }

        repository.Failure = null;
        foreach (var path in paths)
        {
            (await ann.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.OK, path);
        }
    }

    [Test]
    public async Task A_store_that_is_away_at_start_is_503_and_then_200()
    {
        var store = new FlakyKeyRingStore();
        await StartAsync(store);
        using var first = await SignInAsync();
        store.IsAway = true;
        await StartAsync(store);
        using var ann = Continue(first);

        using (var away = await ann.GetAsync("/session/health"))
        {
            away.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            (await CodeAsync(away)).Should().Be("sign_in_unavailable");
        }

        store.IsAway = false;
        await EventuallyAsync(async () => (await ann.GetAsync("/session/health")).StatusCode == HttpStatusCode.OK);
    }

    [Test]
    public async Task An_outage_costs_one_read_of_the_store_per_second()
    {
        var store = new FlakyKeyRingStore();
        await StartAsync(store);
        using var first = await SignInAsync();
        store.IsAway = true;
        await StartAsync(store);
        using var ann = Continue(first);
        var before = store.Reads;
        var started = Stopwatch.GetTimestamp();

        for (var i = 0; i < 100; i++)
        {
            (await ann.GetAsync("/session/health")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        }

        (store.Reads - before).Should().BeLessThanOrEqualTo(2 + (int)Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    [Test]
    public async Task Anonymous_and_forged_requests_are_still_401()
    {
        var repository = new FlakyRepository(File("own-keys"));
        await StartAsync(repository);
        using var anonymous = Host.Anonymous();
        using var forged = Host.Anonymous();
        forged.DefaultRequestHeaders.Add("Cookie", ".AspNetCore.Cookies=CfDJ8forged");

        (await anonymous.GetAsync("/session/health")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await forged.GetAsync("/session/health")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await anonymous.GetAsync("/uploads/a.wav/content?link=CfDJ8forged")).StatusCode.Should().Be(HttpStatusCode.Forbidden);

        repository.Failure = new IOException("The network share is gone.");
        await StartAsync(repository);
        using var later = Host.Anonymous();
        (await later.GetAsync("/session/health")).StatusCode.Should().Be(HttpStatusCode.Unauthorized, "nothing had to be read");
    }

    [Test]
    public async Task Unreadable_payloads_are_no_outage_of_the_keys()
    {
        await StartAsync(static (_, _) => { });
        using var ann = await SignInAsync();
        var cookie = ann.DefaultRequestHeaders.GetValues("Cookie").Single();
        for (var length = cookie.IndexOf('=', StringComparison.Ordinal) + 1; length < cookie.Length; length += 7)
        {
            using var client = Host.Anonymous();
            client.DefaultRequestHeaders.Add("Cookie", cookie[..length]);
            (await client.GetAsync("/session/health")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        }
    }

    private Task StartAsync(FlakyRepository repository) => StartAsync((builder, _) =>
        builder.Services.PostConfigure<KeyManagementOptions>(options => options.XmlRepository = repository));

    private Task StartAsync(FlakyKeyRingStore store) => StartAsync((builder, recovery) =>
    {
        builder.Services.AddSingleton<IKeyRingStore>(store);
        recovery.PersistDataProtectionKeys();
    });

    private Task StartAsync(Action<WebApplicationBuilder, SessionRecoveryBuilder> configure) => StartAsync(
        static app =>
        {
            app.MapPost("/cookie", static context => context.SignInAsync(new ClaimsPrincipal(
                new ClaimsIdentity([new Claim("sub", "ann")], CookieAuthenticationDefaults.AuthenticationScheme))));
            app.MapGet("/own", static () => TypedResults.Json("own")).RequireAuthorization();
            app.MapGet("/page", static () => TypedResults.Content("<p>", "text/html")).RequireAuthorization();
        },
        configure: (builder, recovery) =>
        {
            configure(builder, recovery);
            recovery.AddLocalFiles(File("files"));
        },
        authenticate: static services => services
            .AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
            .AddCookie());

    private async Task<HttpClient> SignInAsync()
    {
        var client = Host.Anonymous();
        using var response = await client.PostAsync("/cookie", content: null);
        client.DefaultRequestHeaders.Add("Cookie", response.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        client.DefaultRequestHeaders.Add("Session-Client", "browser");
        return client;
    }

    /// <summary>Creates a client that continues the session of another client after a restart of the host.</summary>
    private HttpClient Continue(HttpClient client)
    {
        var continued = Host.Anonymous();
        foreach (var header in client.DefaultRequestHeaders)
        {
            continued.DefaultRequestHeaders.Add(header.Key, header.Value);
        }

        return continued;
    }

    private static async Task<string> CreateLinkAsync(HttpClient client)
    {
        byte[] wave = [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, .. new byte[16], .. "data"u8, 0, 0, 0, 0];
        using var content = new ByteArrayContent(wave) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } };
        using var form = new MultipartFormDataContent { { content, "file", "a.wav" } };
        using var upload = await client.PostAsync("/uploads", form);
        upload.StatusCode.Should().Be(HttpStatusCode.Created, await upload.Content.ReadAsStringAsync());
        var name = (await upload.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString();
        using var link = await client.PostAsync($"/uploads/{name}/links", content: null);
        return (await link.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString()!;
    }

    private async Task<bool> IsPlainAsync() =>
        (await Host.Services.GetRequiredService<IKeyRingStore>().ReadAsync(CancellationToken.None))
            .Any(static element => element.Xml.Contains("<masterKey", StringComparison.Ordinal));

    private static X509Certificate2 CreateCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
