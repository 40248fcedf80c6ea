using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Supabase.AspNetCore;
using SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Supabase;

/// <summary>Tests how a host verifies Supabase tokens: with rotated, revoked and unavailable keys, and with forged tokens.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SupabaseAuthenticationTests : IDisposable
{
    private const string Secret = "a legacy secret of thirty-two bytes or more";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeAuth _auth = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public SupabaseAuthenticationTests() => _auth.AddKey("key-1");

    private DateTimeOffset InAnHour => _clock.GetUtcNow().AddHours(1);

    public void Dispose()
    {
        _auth.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task A_valid_token_signs_in_and_keys_are_fetched_once()
    {
        await using var host = await StartAsync();
        var token = _auth.Token("key-1", InAnHour);

        for (var i = 0; i < 5; i++)
        {
            (await GetAsync(host, token)).Should().Be("ada");
        }

        _auth.Fetches.Should().Be(1);
    }

    [Test]
    public async Task A_new_key_is_found_without_a_restart()
    {
        await using var host = await StartAsync();
        await GetAsync(host, _auth.Token("key-1", InAnHour));
        _auth.AddKey("key-2");
        _clock.Advance(TimeSpan.FromSeconds(31));

        (await GetAsync(host, _auth.Token("key-2", InAnHour))).Should().Be("ada");

        _auth.Fetches.Should().Be(2);
    }

    [Test]
    public async Task Unknown_key_ids_fetch_keys_once_in_30_seconds()
    {
        await using var host = await StartAsync();
        await GetAsync(host, _auth.Token("key-1", InAnHour));
        _auth.AddKey("key-2");
        var signed = _auth.Token("key-2", InAnHour);
        var forged = Enumerable.Range(0, 40)
            .Select(i => string.Concat(Header($"unknown-{i}"), signed.AsSpan(signed.IndexOf('.', StringComparison.Ordinal)))).ToList();

        _clock.Advance(TimeSpan.FromSeconds(31));
        var statuses = await Task.WhenAll(forged.Select(token => StatusAsync(host, token)));

        statuses.Should().AllSatisfy(status => status.Should().Be(HttpStatusCode.Unauthorized));
        _auth.Fetches.Should().Be(2);
    }

    [Test]
    public async Task A_revoked_key_invalidates_its_cached_tokens_too()
    {
        await using var host = await StartAsync();
        _auth.AddKey("key-2");
        var old = _auth.Token("key-1", InAnHour);
        var other = _auth.Token("key-2", InAnHour);
        (await GetAsync(host, old)).Should().Be("ada");

        _auth.Revoke("key-1");
        _clock.Advance(TimeSpan.FromMinutes(11));
        await GetAsync(host, old);
        await WaitForFetchesAsync(2);

        (await EventuallyAsync(host, old, HttpStatusCode.Unauthorized)).Should().BeTrue();
        (await GetAsync(host, other)).Should().Be("ada");
    }

    [Test]
    public async Task Known_keys_survive_an_Auth_outage_for_a_day()
    {
        await using var host = await StartAsync();
        await GetAsync(host, _auth.Token("key-1", InAnHour));
        _auth.IsDown = true;

        _clock.Advance(TimeSpan.FromHours(23));
        (await GetAsync(host, _auth.Token("key-1", InAnHour))).Should().Be("ada");
        _clock.Advance(TimeSpan.FromHours(1.1));

        using var refused = await SendAsync(host, _auth.Token("key-1", InAnHour));
        await refused.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "authority_unavailable");
        refused.Headers.RetryAfter.Should().NotBeNull();
    }

    [Test]
    public async Task Keys_outlive_a_restart_during_an_outage_of_Auth()
    {
        await using (var host = await StartAsync())
        {
            await GetAsync(host, _auth.Token("key-1", InAnHour));
            await WaitForStoredKeysAsync();
        }

        _auth.IsDown = true;
        _clock.Advance(TimeSpan.FromHours(1));
        await using var restarted = await StartAsync();

        (await GetAsync(restarted, _auth.Token("key-1", InAnHour))).Should().Be("ada");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Apps_with_a_shared_folder_or_cache_separate_their_keys(bool inCache)
    {
        var cache = new SharedCache();
        foreach (var (app, count) in ((string, int)[])[("shop", 1), ("admin", 2)])
        {
            await using var host = await StartAsync(app);
            await GetAsync(host, _auth.Token("key-1", InAnHour));
            await UntilAsync(() => CountStoredKeys() == count);
        }

        _auth.IsDown = true;
        foreach (var app in (string[])["shop", "admin"])
        {
            await using var restarted = await StartAsync(app);
            (await GetAsync(restarted, _auth.Token("key-1", InAnHour))).Should().Be("ada", app);
        }

        int CountStoredKeys() =>
            inCache ? cache.Keys.Count : Directory.GetFiles(_folder.File("keys"), "supabase-signing-keys-*.sealed").Length;

        Task<TestHost> StartAsync(string app) => this.StartAsync(configure: builder =>
        {
            builder.Services.AddDataProtection().SetApplicationName(app);
            if (inCache)
            {
                builder.Services.AddSingleton<IDistributedCache>(cache);
            }
        });
    }

    [TestCase(true, "StoredSigningKeysUnreadable")]
    [TestCase(false, "SigningKeysNotStored")]
    public async Task A_shared_cache_that_does_not_answer_is_not_reported_as_an_outage_of_Auth(bool reads, string entry)
    {
        var logs = FakeLogCollector.Create(new FakeLogCollectorOptions());
        var cache = new SharedCache { ReadsHang = reads, WritesHang = !reads };
        await using var host = await StartAsync(configure: builder =>
        {
            builder.Services.AddSingleton<IDistributedCache>(cache);
            builder.Services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(logs));
        });

        var answer = GetAsync(host, _auth.Token("key-1", InAnHour));
        await cache.Hangs.WaitAsync(TimeSpan.FromSeconds(20));
        _clock.Advance(TimeSpan.FromSeconds(5));

        (await answer).Should().Be("ada");
        await UntilAsync(() => logs.GetSnapshot().Any(record => record.Id.Id is >= 1700 and < 1800));
        logs.GetSnapshot().Where(record => record.Id.Id is >= 1700 and < 1800).Select(record => record.Id.Name).Should().Equal(entry);
    }

    [Test]
    public async Task Within_30_seconds_of_a_fetch_nothing_is_queued()
    {
        await using var host = await StartAsync();
        await GetAsync(host, _auth.Token("key-1", InAnHour));
        await WaitForStoredKeysAsync();
        _auth.IsDown = true;
        _clock.Advance(TimeSpan.FromMinutes(11));
        var source = host.Services.GetRequiredService<SigningKeySource>();
        source.RefreshIfOld();
        await WaitForFetchesAsync(2);
        await source.FindAsync("unknown", CancellationToken.None);

        var before = GC.GetAllocatedBytesForCurrentThread();
        source.RefreshIfOld();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var find = source.FindAsync("unknown", CancellationToken.None).AsTask();

        find.IsCompleted.Should().BeTrue("no fetch is due");
        (await find).Should().BeNull("Auth is unreachable, and the key may be a new one");
        allocated.Should().Be(0);
        _auth.Fetches.Should().Be(2);
    }

    [Test]
    public async Task Stored_keys_that_were_tampered_with_are_not_used()
    {
        await using (var host = await StartAsync())
        {
            await GetAsync(host, _auth.Token("key-1", InAnHour));
            await WaitForStoredKeysAsync();
        }

        var attacker = new FakeAuth();
        attacker.AddKey("key-1");
        await File.WriteAllTextAsync(SigningKeyPersistence!, $"{_clock.GetUtcNow().ToUnixTimeMilliseconds()}\n{attacker.KeySet()}");
        _auth.IsDown = true;
        await using var restarted = await StartAsync();

        (await StatusAsync(restarted, attacker.Token("key-1", InAnHour))).Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Test]
    public async Task An_expired_token_is_rejected_after_30_seconds_of_skew()
    {
        await using var host = await StartAsync();
        var token = _auth.Token("key-1", _clock.GetUtcNow().AddMinutes(5));
        (await GetAsync(host, token)).Should().Be("ada");

        _clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(29));
        (await GetAsync(host, token)).Should().Be("ada");
        _clock.Advance(TimeSpan.FromSeconds(2));

        (await StatusAsync(host, token)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task A_rejected_token_is_logged_under_the_framework_category()
    {
        var logs = FakeLogCollector.Create(new FakeLogCollectorOptions());
        await using var host = await StartAsync(configure: builder => builder.Logging.AddProvider(new FakeLoggerProvider(logs)));

        (await StatusAsync(host, _auth.Token("key-1", _clock.GetUtcNow().AddHours(-1)))).Should().Be(HttpStatusCode.Unauthorized);

        logs.GetSnapshot().Select(static record => record.Category).Should()
            .Contain("Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler")
            .And.NotContain(static category => category!.EndsWith("SupabaseBearerHandler", StringComparison.Ordinal));
    }

    [Test]
    public async Task Forged_and_foreign_tokens_are_rejected()
    {
        await using var host = await StartAsync();
        var good = _auth.Token("key-1", InAnHour);
        var parts = good.Split('.');
        string[] bad =
        [
            _auth.Token("key-1", InAnHour, change: claims => claims["aud"] = "other"),
            _auth.Token("key-1", InAnHour, change: claims => claims.Remove("aud")),
            _auth.Token("key-1", InAnHour, change: claims => claims["iss"] = "https://other.supabase.test/auth/v1"),
            _auth.Token("key-1", InAnHour, change: claims => claims.Remove("sub")),
            _auth.Token("key-1", InAnHour, change: claims => claims.Remove("exp")),
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
            $"{System.Buffers.Text.Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{parts[1]}.",

            // The public key is not a secret. A token that uses it as an HS256 key must be rejected.
            FakeAuth.SymmetricToken(_auth.PublicPem("key-1"), InAnHour, "key-1"),
            FakeAuth.SymmetricToken(Secret, InAnHour),
            "not-a-token",
        ];

        foreach (var token in bad)
        {
            (await StatusAsync(host, token)).Should().Be(HttpStatusCode.Unauthorized, token);
        }

        (await GetAsync(host, good)).Should().Be("ada");
    }

    [Test]
    public async Task A_changed_token_is_rejected_after_the_real_one_was_cached()
    {
        await using var host = await StartAsync();
        var good = _auth.Token("key-1", InAnHour);
        (await GetAsync(host, good)).Should().Be("ada");
        var parts = good.Split('.');
        var eve = _auth.Token("key-1", InAnHour, change: claims => claims["sub"] = "eve").Split('.');

        (await StatusAsync(host, $"{parts[0]}.{eve[1]}.{parts[2]}")).Should().Be(HttpStatusCode.Unauthorized);
        (await GetAsync(host, good)).Should().Be("ada");
    }

    [Test]
    public async Task A_symmetric_key_in_the_key_set_is_ignored()
    {
        var key = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(Secret));
        var symmetricKey = new JsonObject { ["kty"] = "oct", ["kid"] = "evil", ["k"] = key, ["alg"] = "HS256" };
        _auth.KeyResponse = new JsonObject { ["keys"] = new JsonArray(symmetricKey) }.ToJsonString();
        await using var host = await StartAsync();

        (await StatusAsync(host, FakeAuth.SymmetricToken(Secret, InAnHour, "evil"))).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Test]
    public async Task HS256_works_with_the_legacy_secret_and_needs_no_keys()
    {
        _auth.IsDown = true;
        await using var host = await StartAsync(options => options.JwtSecret = Secret);

        (await GetAsync(host, FakeAuth.SymmetricToken(Secret, InAnHour))).Should().Be("ada");
        (await StatusAsync(host, FakeAuth.SymmetricToken(Secret + "!", InAnHour))).Should().Be(HttpStatusCode.Unauthorized);
        _auth.Fetches.Should().Be(0);
    }

    [Test]
    public async Task A_host_change_to_an_identity_ends_with_the_request()
    {
        await using var host = await StartAsync(map: app => app.MapGet("/add", (HttpContext context) =>
        {
            var identity = (ClaimsIdentity)context.User.Identity!;
            var before = identity.FindFirst("added")?.Value ?? "none";
            identity.AddClaim(new Claim("added", "by the host"));
            return before;
        }).RequireAuthorization());
        var token = _auth.Token("key-1", InAnHour);

        (await GetAsync(host, token, "/add")).Should().Be("none");
        (await GetAsync(host, token, "/add")).Should().Be("none");
        (await GetAsync(host, token, "/add")).Should().Be("none");
    }

    [Test]
    public async Task A_host_change_to_a_ticket_ends_with_the_request()
    {
        await using var host = await StartAsync(map: app => app.MapGet("/mark", async (HttpContext context) =>
        {
            var properties = (await context.AuthenticateAsync()).Properties!;
            var before = properties.GetString("mark") ?? "none";
            properties.SetString("mark", "by the host");
            return before;
        }).RequireAuthorization());
        var token = _auth.Token("key-1", InAnHour);

        (await GetAsync(host, token, "/mark")).Should().Be("none");
        (await GetAsync(host, token, "/mark")).Should().Be("none");
        (await GetAsync(host, token, "/mark")).Should().Be("none");
    }

    [Test]
    public async Task A_session_has_the_token_of_the_current_header()
    {
        var other = _auth.Token("key-1", InAnHour.AddMinutes(1));
        await using var host = await StartAsync(map: app => app.MapGet("/token", async (HttpContext context, bool replace) =>
        {
            if (replace)
            {
                context.Request.Headers.Authorization = $"Bearer {other}";
            }

            return (await context.GetUserSessionAsync()).Token!.Reveal();
        }).RequireAuthorization());
        var token = _auth.Token("key-1", InAnHour);
        await GetAsync(host, token);

        (await GetAsync(host, token, "/token?replace=false")).Should().Be(token);
        (await GetAsync(host, token, "/token?replace=true")).Should().Be(other);
    }

    [Test]
    public async Task Host_events_see_every_token([Values("Configure", "PostConfigure", "own object")] string where)
    {
        var seen = 0;
        await using var host = await StartAsync(authenticate: services =>
        {
            switch (where)
            {
                case "Configure":
                    services.Configure<JwtBearerOptions>(
                        JwtBearerDefaults.AuthenticationScheme, bearer => bearer.Events.OnTokenValidated = CountAsync);
                    break;
                case "PostConfigure":
                    services.PostConfigure<JwtBearerOptions>(
                        JwtBearerDefaults.AuthenticationScheme, bearer => bearer.Events.OnTokenValidated = CountAsync);
                    break;
                default:
                    services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme,
                        bearer => bearer.Events = new JwtBearerEvents { OnTokenValidated = CountAsync });
                    break;
            }
        });
        var token = _auth.Token("key-1", InAnHour);

        await GetAsync(host, token);
        await GetAsync(host, token);
        await GetAsync(host, token);

        seen.Should().Be(3);

        Task CountAsync(TokenValidatedContext context)
        {
            seen++;
            return Task.CompletedTask;
        }
    }

    [Test]
    public async Task An_outage_is_503_with_host_events_too()
    {
        _auth.IsDown = true;
        await using var host = await StartAsync(authenticate: static services =>
            services.PostConfigure<JwtBearerOptions>(
                JwtBearerDefaults.AuthenticationScheme, static bearer => bearer.Events = new JwtBearerEvents()));

        (await StatusAsync(host, _auth.Token("key-1", InAnHour))).Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Test]
    public async Task An_ended_session_is_forgotten()
    {
        await using var host = await StartAsync();
        var token = _auth.Token("key-1", InAnHour);
        await GetAsync(host, token);
        var verified = host.Services.GetRequiredService<SessionRecovery.Supabase.AspNetCore.Tokens.Internal.ValidatedTokenCache>();
        verified.Find(token).Should().NotBeNull();

        using var client = GetClient(host, token);
        (await client.PostAsync("/session/end", content: null)).StatusCode.Should().Be(HttpStatusCode.NoContent);

        verified.Find(token).Should().BeNull();
    }

    [Test]
    public async Task An_unknown_key_during_an_Auth_outage_is_503()
    {
        await using var host = await StartAsync();
        await GetAsync(host, _auth.Token("key-1", InAnHour));
        _auth.AddKey("key-2");
        _auth.IsDown = true;
        _clock.Advance(TimeSpan.FromSeconds(31));

        (await StatusAsync(host, _auth.Token("key-2", InAnHour))).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await GetAsync(host, _auth.Token("key-1", InAnHour))).Should().Be("ada");
    }

    [TestCase("<html>502 Bad Gateway</html>")]
    [TestCase("{}")]
    [TestCase("""{"message":"no API key"}""")]
    [TestCase("""{"keys":null}""")]
    [TestCase("[]")]
    public async Task An_invalid_key_response_changes_nothing(string nonsense)
    {
        await using var host = await StartAsync();
        await GetAsync(host, _auth.Token("key-1", InAnHour));
        _auth.KeyResponse = nonsense;
        _clock.Advance(TimeSpan.FromMinutes(11));

        (await GetAsync(host, _auth.Token("key-1", InAnHour))).Should().Be("ada");
        await WaitForFetchesAsync(2);
        (await GetAsync(host, _auth.Token("key-1", InAnHour, "bob"))).Should().Be("bob");
    }

    [TestCase("Url", "ftp://project")]
    [TestCase("Url", "http://project.supabase.test")]
    [TestCase("Url", "https://project.supabase.test/auth/v1")]
    [TestCase("Url", "https://project.supabase.test/#a")]
    [TestCase("JwtSecret", "short")]
    [TestCase("ClockSkew", "00:06:00")]
    [TestCase("KeyLifetime", "00:00:59")]
    [TestCase("UnconfirmedKeyLifetime", "1.00:00:01")]
    [TestCase("MaxCachedTokens", "-1")]
    public async Task An_out_of_range_setting_is_named_at_start(string setting, string value)
    {
        var start = async () =>
            await StartAsync(configure: builder => builder.Configuration[$"SessionRecovery:SupabaseAuthentication:{setting}"] = value);

        (await start.Should().ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>()).Which.Message
            .Should().Contain(setting).And.NotContain("short");
    }

    private string? SigningKeyPersistence =>
        Directory.EnumerateFiles(_folder.File("keys"), "supabase-signing-keys-*.sealed").SingleOrDefault();

    private Task<TestHost> StartAsync(
        Action<SupabaseAuthenticationOptions>? options = null,
        Action<WebApplication>? map = null,
        Action<IServiceCollection>? authenticate = null,
        Action<WebApplicationBuilder>? configure = null) => TestHost.StartAsync(
        _folder,
        configure: (builder, _) =>
        {
            builder.Configuration["SUPABASE_URL"] = FakeAuth.Address;
            configure?.Invoke(builder);
        },
        map: app =>
        {
            app.MapGet("/whoami", (HttpContext context) => context.User.FindFirst("sub")!.Value).RequireAuthorization();
            map?.Invoke(app);
        },
        authenticate: services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            services.AddSupabaseAuthentication(options);
            services.AddHttpClient("SessionRecovery.Supabase.SigningKeys").ConfigurePrimaryHttpMessageHandler(() => _auth);
            authenticate?.Invoke(services);
        });

    private static HttpClient GetClient(TestHost host, string token)
    {
        var client = host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestHost host, string token, string path = "/whoami")
    {
        using var client = GetClient(host, token);
        return await client.GetAsync(path);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestHost host, string token)
    {
        using var response = await SendAsync(host, token);
        return response.StatusCode;
    }

    private static async Task<string> GetAsync(TestHost host, string token, string path = "/whoami")
    {
        using var response = await SendAsync(host, token, path);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<bool> EventuallyAsync(TestHost host, string token, HttpStatusCode status)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await StatusAsync(host, token) == status)
            {
                return true;
            }

            await Task.Yield();
        }

        return false;
    }

    private Task WaitForFetchesAsync(int count) => UntilAsync(() => _auth.Fetches >= count);

    private Task WaitForStoredKeysAsync() => UntilAsync(() => SigningKeyPersistence is not null);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Header(string keyId) => System.Buffers.Text.Base64Url.EncodeToString(
        System.Text.Encoding.UTF8.GetBytes($$"""{"alg":"ES256","typ":"JWT","kid":"{{keyId}}"}"""));
}
