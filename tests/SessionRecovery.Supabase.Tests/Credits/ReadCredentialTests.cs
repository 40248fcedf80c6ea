using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Credits;

/// <summary>
/// Tests which credential a balance read uses: the user's own token, or the secret key with a filter for the verified user.
/// </summary>
[TestFixture]
internal sealed class ReadCredentialTests
{
    private static readonly UserId Bob = UserId.Create("22222222-2222-4222-8222-222222222222");

    [Test]
    public async Task A_user_read_sends_their_token_and_the_publishable_key()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = _ => Json(200, """[{"credits":42}]""");

        await host.ReadAsync();

        host.Supabase.Requests.Should().ContainSingle().Which.Should().BeEquivalentTo(new SentRequest(
            "GET",
            $"/rest/v1/user_credits?select=credits&user_id=eq.{host.Ada.Value}&limit=2",
            ScriptedHost.Publishable,
            $"Bearer {ScriptedHost.GetToken(host.Ada).Reveal()}",
            string.Empty));
    }

    [Test]
    public async Task A_read_without_a_token_sends_no_request()
    {
        await using var host = new ScriptedHost();

        var reading = await host.Credits.ReadAsync(new UserSession(host.Ada));

        reading.Status.Should().Be(CreditReadStatus.Unauthenticated);
        host.Supabase.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task A_token_of_another_user_is_not_used()
    {
        await using var host = new ScriptedHost();

        var reading = await host.Credits.ReadAsync(new UserSession(host.Ada, ScriptedHost.GetToken(Bob)));

        reading.Status.Should().Be(CreditReadStatus.Unauthenticated);
        host.Supabase.Requests.Should().BeEmpty();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_cookie_session_with_an_expired_token_reads_as_the_server(bool hasLedger)
    {
        await using var host = new ScriptedHost(build: builder => _ = hasLedger ? builder.UseSupabaseLedger() : builder);
        host.Supabase.Script = static request => Respond(request);

        var session = new UserSession(host.Ada, ScriptedHost.GetToken(host.Ada, isExpired: true), tokenIsCredential: false);
        var reading = await host.Credits.ReadAsync(session);
        var report = await host.Get<ISessionHealthMonitor>().CheckAsync(session);

        reading.Balance!.Available.Should().Be(42);
        report.Entries.Single(static entry => entry.Name == "credits").Status.Should().Be(SessionHealthStatus.Healthy);
        var request = host.Supabase.Requests[0];
        request.Key.Should().Be(ScriptedHost.Secret);
        request.Authorization.Should().BeNull();
        (request.Target + request.Body).Should().Contain(host.Ada.Value);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_cookie_session_with_a_rejected_token_reads_as_the_server(bool hasLedger)
    {
        await using var host = new ScriptedHost(build: builder => _ = hasLedger ? builder.UseSupabaseLedger() : builder);
        host.Supabase.Script = static request => request.Authorization is null
            ? Respond(request)
            : Json(401, """{"code":"PGRST301","details":null,"hint":null,"message":"No suitable key"}""");

        var reading = await host.Credits.ReadAsync(new UserSession(host.Ada, ScriptedHost.GetToken(host.Ada), tokenIsCredential: false));

        reading.Balance!.Available.Should().Be(42);
    }

    [Test]
    public async Task A_dead_token_without_a_secret_key_ends_the_session()
    {
        await using var host = new ScriptedHost(static options => options.SecretKey = string.Empty);
        host.Supabase.Script = static _ => Json(401, """{"code":"PGRST303","details":null,"hint":null,"message":"JWT expired"}""");
        var token = ScriptedHost.GetToken(host.Ada, isExpired: true);

        var reading = await host.Credits.ReadAsync(new UserSession(host.Ada, token, tokenIsCredential: false));

        reading.Status.Should().Be(CreditReadStatus.Unauthenticated);
    }

    [Test]
    public async Task A_bearer_session_never_reads_as_the_server()
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = static _ => Json(401, """{"code":"PGRST303","details":null,"hint":null,"message":"JWT expired"}""");

        (await host.ReadAsync(isExpired: true)).Status.Should().Be(CreditReadStatus.Unauthenticated);

        host.Supabase.Requests.Should().OnlyContain(static request => request.Key == ScriptedHost.Publishable);
    }

    [TestCase("not-a-jwt")]
    [TestCase("a.b.c")]
    [TestCase("e30.bnVsbA.e30")]
    [TestCase("e30.e30.e30")]
    public async Task A_token_without_a_user_id_is_not_used(string token)
    {
        await using var host = new ScriptedHost();

        var reading = await host.Credits.ReadAsync(new UserSession(host.Ada, AccessToken.Create(token)));

        reading.Status.Should().Be(CreditReadStatus.Unauthenticated);
        host.Supabase.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task A_server_read_sends_the_secret_key_without_a_token()
    {
        await using var host = new ScriptedHost(options => options.ReadAs = SupabaseReadAs.Server);
        host.Supabase.Script = _ => Json(200, """[{"credits":42}]""");

        (await host.ReadAsync()).Balance!.Available.Should().Be(42);

        var request = host.Supabase.Requests.Should().ContainSingle().Subject;
        request.Key.Should().Be(ScriptedHost.Secret);
        request.Authorization.Should().BeNull();
        request.Target.Should().Contain($"user_id=eq.{host.Ada.Value}");
    }

    [Test]
    public async Task A_server_read_still_requires_a_signed_in_user()
    {
        await using var host = new ScriptedHost(options => options.ReadAs = SupabaseReadAs.Server);

        (await host.Credits.ReadAsync(new UserSession(host.Ada))).Status.Should().Be(CreditReadStatus.Unauthenticated);

        host.Supabase.Requests.Should().BeEmpty();
    }

    [Test]
    public async Task A_legacy_key_is_also_sent_as_a_bearer_token()
    {
        var legacy = $"eyJhbGciOiJIUzI1NiJ9.{System.Buffers.Text.Base64Url.EncodeToString("""{"role":"service_role"}"""u8)}.c2ln";
        await using var host = new ScriptedHost(options =>
        {
            options.SecretKey = legacy;
            options.ReadAs = SupabaseReadAs.Server;
        });
        host.Supabase.Script = _ => Json(200, "[]");

        await host.ReadAsync();

        host.Supabase.Requests.Single().Authorization.Should().Be($"Bearer {legacy}");
    }

    [Test]
    public async Task A_user_id_cannot_change_the_query()
    {
        var eve = UserId.Create("x&user_id=neq.x&select=*,(a)");
        await using var host = new ScriptedHost(options => options.ReadAs = SupabaseReadAs.Server);
        host.Supabase.Script = _ => Json(200, "[]");

        await host.Credits.ReadAsync(ScriptedHost.GetSession(eve));

        host.Supabase.Requests.Single().Target
            .Should().Be("/rest/v1/user_credits?select=credits&user_id=eq.x%26user_id%3Dneq.x%26select%3D%2A%2C%28a%29&limit=2");
    }

    [Test]
    public async Task Configured_table_names_are_used()
    {
        await using var host = new ScriptedHost(options =>
        {
            options.Table = "profiles";
            options.UserIdColumn = "id";
            options.CreditsColumn = "balance";
        });
        host.Supabase.Script = _ => Json(200, """[{"balance":"12.75"}]""");

        (await host.ReadAsync()).Balance!.Available.Should().Be(12);

        host.Supabase.Requests.Single().Target.Should().StartWith("/rest/v1/profiles?select=balance&id=eq.");
    }

    [TestCase("-3", -3)]
    [TestCase("0.99", 0)]
    [TestCase("10.00", 10)]
    [TestCase("9007199254740991", 9007199254740991)]
    [TestCase("1e3", 1000)]
    public async Task Whole_credits_are_accepted_and_fractions_rejected(string number, long credits)
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = _ => Json(200, $$"""[{"credits":{{number}}}]""");

        (await host.ReadAsync()).Balance!.Available.Should().Be(credits);
    }

    [TestCase("9007199254740992")]
    [TestCase("-9007199254740992")]
    [TestCase("1e400")]
    [TestCase("true")]
    [TestCase("{}")]
    public async Task An_invalid_balance_is_unavailable_and_never_a_number(string value)
    {
        await using var host = new ScriptedHost();
        host.Supabase.Script = _ => Json(200, $$"""[{"credits":{{value}}}]""");

        (await host.ReadAsync()).Should().Be(CreditReadResult.Unavailable);
    }

    [Test]
    public async Task Logs_contain_no_key_token_or_user_id()
    {
        await using var host = new ScriptedHost(build: static builder => builder.UseSupabaseLedger().AddSupabaseFiles());
        Func<HttpResponseMessage>[] answers =
        [
            () => Json(
                403,
                $$"""
                {"code":"42501","details":"{{ScriptedHost.Secret}}","hint":null,
                 "message":"user 11111111-1111-4111-8111-111111111111"}
                """),
            () => Json(401, """{"message":"Invalid API key"}"""),
            () => Json(404, """{"code":"PGRST202","details":null,"hint":null,"message":"no function"}"""),
            () => throw new HttpRequestException("Connection refused"),
        ];

        foreach (var answer in answers)
        {
            host.Supabase.Script = _ => answer();
            await host.ReadAsync();
            await host.CheckAsync();
            await host.Get<ICreditLedger>().ConsumeAsync(host.Ada, 1, IdempotencyKey.Create("key-of-the-test"));
        }

        var lines = host.Logs.GetSnapshot().Select(record => $"{record.Message} {record.Exception}").ToList();
        lines.Should().NotBeEmpty();
        foreach (var secret in (string[])[ScriptedHost.Secret, ScriptedHost.Publishable, ScriptedHost.GetToken(host.Ada)
            .Reveal(), host.Ada.Value, "key-of-the-test"])
        {
            lines.Should().NotContain(line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static HttpResponseMessage Respond(SentRequest request) =>
        request.Target.Contains("/rpc/", StringComparison.Ordinal)
            ? Json(
                200,
                """
                {"outcome":"ok","available":42,"held":0,"version":2,"as_of":"2026-03-01T12:00:00.123456+00:00","incarnation":"i",
                 "hold_expires_in":null}
                """)
            : Json(200, """[{"credits":42}]""");
}
