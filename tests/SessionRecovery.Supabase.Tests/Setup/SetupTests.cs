using System.Buffers.Text;
using FluentAssertions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Supabase.Setup.Internal;
using SessionRecovery.Supabase.Sessions.Internal;
using SessionRecovery.Supabase.Warming.Internal;
using SessionRecovery.Warming;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Setup;

/// <summary>
/// Tests that a host with an invalid configuration does not start, and that the error message names the setting. A host whose Supabase
/// project is unreachable must start.
/// </summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SetupTests : IDisposable
{
    private static readonly string LegacyAnon = Legacy("anon");
    private static readonly string LegacySecret = Legacy("service_role");

    private readonly ScriptedSupabase _supabase = new() { Script = _ => Json(200, "[]") };
    private readonly FakeLogCollector _logs = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public void Dispose() => _supabase.Dispose();

    [Test]
    public async Task The_usual_environment_variables_are_sufficient()
    {
        using var host = await StartAsync(
            static builder => builder.UseSupabase().UseSupabaseLedger(),
            ("SUPABASE_URL", "https://project.supabase.test"),
            ("SUPABASE_ANON_KEY", LegacyAnon),
            ("SUPABASE_SERVICE_ROLE_KEY", LegacySecret));

        host.Services.GetRequiredService<IOptions<SupabaseOptions>>().Value.SecretKey.Should().Be(LegacySecret);
        host.Services.GetRequiredService<ICreditReader>().Should().BeSameAs(host.Services.GetRequiredService<ICreditStore>());
    }

    [Test]
    public async Task Code_wins_over_the_section_and_both_over_the_environment()
    {
        using var host = await StartAsync(
            static builder => builder.UseSupabase(static options =>
            {
                options.Url = "https://code.supabase.test";
                options.PublishableKey = ScriptedHost.Publishable;
                options.Table = "code";
            }),
            ("SUPABASE_URL", "https://environment.supabase.test"),
            ("SUPABASE_SECRET_KEY", ScriptedHost.Secret),
            ("SessionRecovery:Supabase:Table", "section"),
            ("SessionRecovery:Supabase:UserIdColumn", "section"),
            ("SessionRecovery:Supabase:ReadAs", "server"),
            ("SessionRecovery:Supabase:MaxReadAttempts", "4"),
            ("SessionRecovery:Supabase:RequestTimeout", "00:00:03"));

        host.Services.GetRequiredService<IOptions<SupabaseOptions>>().Value.Should().BeEquivalentTo(new
        {
            Url = "https://code.supabase.test",
            Table = "code",
            UserIdColumn = "section",
            SecretKey = ScriptedHost.Secret,
            ReadAs = SupabaseReadAs.Server,
            MaxReadAttempts = 4,
            RequestTimeout = TimeSpan.FromSeconds(3),
        });
    }

    private static IEnumerable<TestCaseData> WrongSettings()
    {
        yield return Case("Url", options => options.Url = string.Empty);
        yield return Case("Url", options => options.Url = "project.supabase.co");
        yield return Case("Url", options => options.Url = "http://project.supabase.co");
        yield return Case("Url", options => options.Url = "https://project.supabase.co/rest/v1");
        yield return Case("Url", options => options.Url = "https://project.supabase.co/auth/v1/");
        yield return Case("Url", options => options.Url = "https://project.supabase.co/?a=b");
        yield return Case("Url", options => options.Url = "http://172.32.0.1");
        yield return Case("Url", options => options.Url = "http://internal.example");
        yield return Case("Url", options => options.Url = "https://project.supabase.co/#a");
        yield return Case("Url", options => options.Url = "https://user:password@project.supabase.co");
        yield return Case("PublishableKey", options => options.PublishableKey = string.Empty);
        yield return Case("PublishableKey", options => options.PublishableKey = ScriptedHost.Secret);
        yield return Case("PublishableKey", options => options.PublishableKey = LegacySecret);
        yield return Case("PublishableKey", options => options.PublishableKey = "sb_publishable_with a blank");
        yield return Case("SecretKey", options => options.SecretKey = ScriptedHost.Publishable);
        yield return Case("SecretKey", options => options.SecretKey = LegacyAnon);
        yield return Case("SecretKey", options => options.SecretKey = "nonsense");
        yield return Case("Table", options => options.Table = "user_credits?select=*");
        yield return Case("Table", options => options.Table = "user_credits\n");
        yield return Case("UserIdColumn", options => options.UserIdColumn = string.Empty);
        yield return Case("CreditsColumn", options => options.CreditsColumn = "credits,secrets");
        yield return Case("ActivityTable", options => options.ActivityTable = new string('x', 64));
        yield return Case("ActivityUserIdColumn", options => options.ActivityUserIdColumn = "1st");
        yield return Case("ActivityTimeColumn", options => options.ActivityTimeColumn = "a.b");
        yield return Case("Bucket", options => options.Bucket = "up/loads");
        yield return Case("RequestTimeout", options => options.RequestTimeout = TimeSpan.FromMilliseconds(49));
        yield return Case("RequestTimeout", options => options.RequestTimeout = TimeSpan.FromSeconds(61));
        yield return Case("MaxReadAttempts", options => options.MaxReadAttempts = 0);
        yield return Case("MaxReadAttempts", options => options.MaxReadAttempts = 11);
        yield return Case("ReadAs", options => options.ReadAs = (SupabaseReadAs)7);

        static TestCaseData Case(string setting, Action<SupabaseOptions> wrong) => new(setting, wrong);
    }

    [TestCaseSource(nameof(WrongSettings))]
    public async Task An_invalid_setting_is_named_without_showing_any_key(string setting, Action<SupabaseOptions> wrong)
    {
        var start = () => StartAsync(builder => builder.UseSupabase(options =>
        {
            Good(options);
            wrong(options);
        }));

        var message = (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Message;
        message.Should().Contain($"SessionRecovery:Supabase:{setting} ");
        foreach (var key in (string[])[ScriptedHost.Secret, ScriptedHost.Publishable, LegacyAnon, LegacySecret, "password", "nonsense"])
        {
            message.Should().NotContain(key);
        }
    }

    [TestCase(500, "42P17", "reads the table itself")]
    [TestCase(300, "PGRST203", "several functions")]
    [TestCase(500, "PGRST111", "response.headers")]
    [TestCase(500, "PGRST121", "SQLSTATE PGRST")]
    [TestCase(500, "PGRST300", "JWT secret")]
    [TestCase(401, "PGRST302", "without a role")]
    public async Task A_mistake_in_the_project_fails_the_start_with_its_cause(int status, string code, string cause)
    {
        _supabase.Script = _ => Json(status, $$"""{"code":"{{code}}","details":null,"hint":null,"message":"the message"}""");

        foreach (var build in (Action<SessionRecoveryBuilder>[])[
            static builder => builder.UseSupabase(Good),
            static builder => builder.UseSupabase(Good).UseSupabaseLedger()])
        {
            var start = () => StartAsync(build);

            (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message
                .Should().Contain(code).And.Contain(cause).And.NotContain("the message");
        }
    }

    [TestCase(500, "XX000")]
    [TestCase(500, "P0003")]
    [TestCase(402, "PT402")]
    [TestCase(410, "PT410")]
    [TestCase(423, "PT423")]
    public async Task An_error_of_the_projects_own_SQL_is_logged_at_start(int status, string code)
    {
        _supabase.Script = _ => Json(status, $$"""{"code":"{{code}}","details":null,"hint":null,"message":"the message"}""");

        using var host = await StartAsync(static builder => builder.UseSupabase(Good));

        _logs.GetSnapshot().Should().ContainSingle(static record => record.Level == LogLevel.Error)
            .Which.Message.Should().Contain(code).And.Contain("Hint: ").And.NotContain("docs/supabase.md").And.NotContain("the message");
    }

    [Test]
    public async Task A_project_without_anonymous_access_starts()
    {
        _supabase.Script = static _ => Json(
            401, """{"code":"PGRST302","details":null,"hint":null,"message":"Anonymous access is disabled"}""");

        using var host = await StartAsync(static builder => builder.UseSupabase(static options =>
        {
            Good(options);
            options.SecretKey = string.Empty;
        }));

        _logs.GetSnapshot().Should().Contain(static record => record.Id.Name == "SupabaseAnonymousDisabled");
        _logs.GetSnapshot().Should().NotContain(static record => record.Level >= LogLevel.Warning);
    }

    [TestCase("http://kong:8000", false)]
    [TestCase("http://host.docker.internal:54321", false)]
    [TestCase("http://10.1.2.3:8000", false)]
    [TestCase("http://172.16.0.1", false)]
    [TestCase("http://192.168.1.9:54321", false)]
    [TestCase("http://[fd12:3456::1]:8000", false)]
    [TestCase("http://supabase.local/", false)]
    [TestCase("http://project.example", true)]
    [TestCase("https://example.com/supabase/", false)]
    public void An_address_of_a_self_hosted_project_is_valid(string url, bool allowInsecureHttp)
    {
        var options = new SupabaseOptions();
        Good(options);
        options.Url = url;
        options.AllowInsecureHttp = allowInsecureHttp;
        var features = new SupabaseFeatures { Connection = true };

        new SupabaseOptionsValidator(features).Validate(null, options).Failed.Should().BeFalse();
    }

    [TestCase("Table", "wallets")]
    [TestCase("UserIdColumn", "owner")]
    [TestCase("CreditsColumn", "balance")]
    public async Task The_ledger_rejects_a_balance_under_another_name_at_start(string setting, string name)
    {
        var start = () => StartAsync(
            static builder => builder.UseSupabase().UseSupabaseLedger(),
            ("SUPABASE_URL", "https://project.supabase.test"),
            ("SUPABASE_ANON_KEY", LegacyAnon),
            ("SUPABASE_SERVICE_ROLE_KEY", LegacySecret),
            ($"SessionRecovery:Supabase:{setting}", name));

        (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Message.Should().Contain("user_credits (user_id, credits)");
    }

    [Test]
    public async Task A_missing_secret_key_is_reported_with_its_feature()
    {
        var start = () => StartAsync(static builder => builder
            .UseSupabase(static options =>
            {
                Good(options);
                options.SecretKey = null;
            })
            .UseSupabaseLedger()
            .AddSupabaseFiles());

        (await start.Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should()
            .Contain(failure => failure.Contains("SecretKey", StringComparison.Ordinal)
                && failure.EndsWith("UseSupabaseLedger().", StringComparison.Ordinal))
            .And.Contain(failure => failure.Contains("SecretKey", StringComparison.Ordinal)
                && failure.EndsWith("AddSupabaseFiles().", StringComparison.Ordinal));
    }

    [TestCase("UseSupabaseLedger()")]
    [TestCase("AddSupabaseFiles()")]
    public async Task A_call_without_UseSupabase_fails_the_start(string call)
    {
        var start = () =>
            StartAsync(builder => _ = call == "UseSupabaseLedger()" ? builder.UseSupabaseLedger() : builder.AddSupabaseFiles());

        await start.Should().ThrowAsync<OptionsValidationException>().WithMessage($"*{call} requires UseSupabase(…)*");
    }

    [Test]
    public async Task Calls_may_be_made_in_any_order()
    {
        using var host = await StartAsync(static builder => builder.AddSupabaseFiles().UseSupabaseLedger().UseSupabase(Good));

        using var scope = host.Services.CreateScope();
        scope.ServiceProvider.GetRequiredService<ICreditReader>().Should().BeSameAs(host.Services.GetRequiredService<ICreditStore>());
        host.Services.GetRequiredService<IActiveUserSource>().Should().BeOfType<LedgerActiveUsers>();
    }

    [Test]
    public void UseSupabase_called_twice_is_rejected() =>
        FluentActions.Invoking(() => Build(static builder => builder.UseSupabase(Good).UseSupabase(Good)))
            .Should().Throw<InvalidOperationException>().WithMessage("*twice*");

    [Test]
    public async Task A_second_source_of_credits_fails_the_start() =>
        await FluentActions.Awaiting(() => StartAsync(static builder => builder.UseCreditReader<SomeReader>().UseSupabase(Good)))
            .Should().ThrowAsync<OptionsValidationException>().WithMessage("*UseCreditReader<SomeReader>() and UseSupabase() each choose*");

    [Test]
    public void Supabase_Auth_replaces_only_the_default_token_verifier()
    {
        Build(static builder => builder.UseSupabase(Good)).Services.GetRequiredService<IAccessTokenVerifier>()
            .Should().BeOfType<SupabaseTokenVerifier>();
        Build(static builder => builder.UseSupabase(static options =>
        {
            Good(options);
            options.VerifyAtAuth = false;
        })).Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<UnavailableTokenVerifier>();
        Build(static builder => builder.UseSupabase(Good),
                static services => services.AddSingleton<IAccessTokenVerifier, HostTokenVerifier>())
            .Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<HostTokenVerifier>();
    }

    [Test]
    public void The_hosts_token_verifier_wins_over_Supabase_Auth([Values] bool hostFirst) =>
        Build(builder => _ = hostFirst
                ? builder.UseAccessTokenVerifier<HostTokenVerifier>().UseSupabase(Good)
                : builder.UseSupabase(Good).UseAccessTokenVerifier<HostTokenVerifier>())
            .Services.GetRequiredService<IAccessTokenVerifier>().Should().BeOfType<HostTokenVerifier>();

    [Test]
    public void An_unset_secret_key_stays_null_and_signs_nothing()
    {
        var options = Build(
                static builder => builder.UseSupabase(),
                settings:
                [
                    ("SUPABASE_URL", "https://project.supabase.test"),
                    ("SUPABASE_ANON_KEY", LegacyAnon),
                    ("SUPABASE_SECRET_KEY", ""),
                ])
            .Services.GetRequiredService<IOptions<SupabaseOptions>>().Value;
        options.SecretKey.Should().BeNull();

        foreach (var key in (string?[])[null, string.Empty])
        {
            options.SecretKey = key;
            using var request = new HttpRequestMessage();
            request.Invoking(unsigned => SupabaseCredential.Server.Sign(unsigned, options))
                .Should().Throw<InvalidOperationException>().WithMessage("*SecretKey*");
        }
    }

    [Test]
    public void An_empty_environment_variable_does_not_hide_the_next_name() =>
        Build(
                static builder => builder.UseSupabase(),
                settings:
                [
                    ("SUPABASE_URL", "https://project.supabase.test"),
                    ("SUPABASE_PUBLISHABLE_KEY", ""),
                    ("SUPABASE_ANON_KEY", LegacyAnon),
                    ("SUPABASE_SECRET_KEY", ""),
                    ("SUPABASE_SERVICE_ROLE_KEY", LegacySecret),
                ])
            .Services.GetRequiredService<IOptions<SupabaseOptions>>().Value
            .Should().BeEquivalentTo(new { PublishableKey = LegacyAnon, SecretKey = LegacySecret });

    [TestCase(404, """{"code":"PGRST205","details":null,"hint":null,"message":""}""", "no table user_credits")]
    [TestCase(400, """{"code":"42703","details":null,"hint":null,"message":""}""", "no table user_credits")]
    [TestCase(401, """{"message":"Invalid API key"}""", "rejected SupabaseOptions.SecretKey")]
    [TestCase(403, """{"code":"42501","details":null,"hint":null,"message":""}""", "grant SELECT to service_role")]
    public async Task An_unreadable_table_fails_the_start(int status, string body, string sentence)
    {
        _supabase.Script = _ => Json(status, body);

        await FluentActions.Awaiting(() => StartAsync(static builder => builder.UseSupabase(Good)))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage($"*{sentence}*");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_wrong_publishable_key_fails_despite_a_valid_secret_key(bool ledger)
    {
        _supabase.Script = request => request.Key == ScriptedHost.Publishable
            ? Json(401, """{"message":"Invalid API key"}""")
            : request.Target.EndsWith("session_recovery_schema", StringComparison.Ordinal) ? Json(200, Schema) : Json(200, "[]");

        await FluentActions.Awaiting(() => StartAsync(builder =>
            {
                builder.UseSupabase(Good);
                if (ledger)
                {
                    builder.UseSupabaseLedger();
                }
            }))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*rejected SupabaseOptions.PublishableKey*");
    }

    [TestCase("""{"statusCode":"404","error":"Bucket not found","message":"Bucket not found","code":"NoSuchBucket"}""")]
    [TestCase("""{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}""")]
    public async Task A_missing_bucket_is_named_and_fails_the_start(string body)
    {
        _supabase.Script = request => request.Target == "/storage/v1/bucket/sounds" ? Json(400, body) : Json(200, "[]");

        await FluentActions.Awaiting(() => StartAsync(static builder => builder.UseSupabase(static options =>
            {
                Good(options);
                options.Bucket = "sounds";
            }).AddSupabaseFiles()))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*has no bucket sounds*");
    }

    [TestCase(200, "<html>maintenance</html>", "/storage/")]
    [TestCase(503, "", "/storage/")]
    [TestCase(503, "", "limit=0")]
    public async Task A_check_that_cannot_run_at_start_logs_a_warning(int status, string body, string where)
    {
        _supabase.Script = request => request.Target.Contains(where, StringComparison.Ordinal)
            && (where != "limit=0" || request.Key == ScriptedHost.Publishable)
            ? Json(status, body)
            : Json(200, "[]");

        using var host = await StartAsync(static builder => builder.UseSupabase(Good).AddSupabaseFiles());

        _logs.GetSnapshot().Should().ContainSingle(static record => record.Id.Name == "SupabaseUnreachableAtStart").Which.Message
            .Should().Contain("project.supabase.test");
    }

    [TestCase("true", true)]
    [TestCase("false", false)]
    public async Task A_public_bucket_logs_a_warning(string isPublic, bool warns)
    {
        _supabase.Script = request => request.Target.StartsWith("/storage/", StringComparison.Ordinal)
            ? Json(200,
                $$"""{"id":"uploads","name":"uploads","owner":"","public":{{isPublic}},"file_size_limit":null,"allowed_mime_types":null}""")
            : Json(200, "[]");

        using var host = await StartAsync(static builder => builder.UseSupabase(Good).AddSupabaseFiles());

        _logs.GetSnapshot().Any(static record => record.Id.Name == "SupabaseBucketPublic").Should().Be(warns);
    }

    [Test]
    public async Task A_table_closed_to_anonymous_reads_passes_the_check()
    {
        _supabase.Script = _ => Json(401, """{"code":"42501","details":null,"hint":null,"message":""}""");

        using var host = await StartAsync(static builder => builder.UseSupabase(static options =>
        {
            Good(options);
            options.SecretKey = null;
        }));

        _logs.GetSnapshot()
            .Should().Contain(static record => record.Id.Name == "SupabaseTableUnchecked" && record.Level == LogLevel.Information);
        _logs.GetSnapshot().Should().NotContain(static record => record.Level >= LogLevel.Warning);
    }

    [Test]
    public async Task An_outage_logs_a_warning_and_the_host_starts()
    {
        foreach (var ledger in (bool[])[false, true])
        {
            _logs.Clear();
            _supabase.Script = _ => Json(503, """{"code":"PGRST002","details":null,"hint":null,"message":""}""", ("Retry-After", "0"));

            using var host = await StartAsync(builder =>
            {
                builder.UseSupabase(Good);
                if (ledger)
                {
                    builder.UseSupabaseLedger();
                }
            });

            _logs.GetSnapshot().Should().Contain(record => record.Id.Name == "SupabaseUnreachableAtStart");
        }
    }

    [Test]
    public async Task A_missing_migration_is_named_and_fails_the_start()
    {
        SupabaseMigrations.Names.Should().NotBeEmpty().And.BeInAscendingOrder().And.OnlyContain(name => name.Length > 15
            && name.Take(14).All(char.IsAsciiDigit));
        _supabase.Script = _ => Json(404, """{"code":"PGRST202","details":null,"hint":null,"message":""}""");
        await FluentActions.Awaiting(() => StartAsync(static builder => builder.UseSupabase(Good).UseSupabaseLedger()))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage($"*{SupabaseMigrations.Names[0]}*");

        var last = SupabaseMigrations.Names[^1];
        var others = string.Join(',', SupabaseMigrations.Names.SkipLast(1).Select(static name => $"\"{name}\""));
        _supabase.Script = _ => Json(200, $$"""{"outcome":"ok","migrations":[{{others}}],"adopted":false,"contracted":true}""");
        await FluentActions.Awaiting(() => StartAsync(static builder => builder.UseSupabase(Good).UseSupabaseLedger()))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage($"*{last}*");
    }

    [Test]
    public void Options_never_show_a_key()
    {
        var options = new SupabaseOptions { Url = "https://project.supabase.test", PublishableKey = ScriptedHost.Publishable,
            SecretKey = ScriptedHost.Secret };

        options.ToString().Should().Be("Supabase at https://project.supabase.test");
        SupabaseCredential.ForUser(AccessToken.Create("token")).ToString().Should().Be("[user]");
    }

    [Test]
    public void Two_file_stores_are_rejected()
    {
        FluentActions.Invoking(() => Build(static builder => builder.UseSupabase(Good).AddLocalFiles("/data").AddSupabaseFiles()))
            .Should().Throw<InvalidOperationException>().WithMessage("*another file store is registered already*");
    }

    [Test]
    public void Files_are_saved_in_Storage_only()
    {
        Build(static builder => builder.UseSupabase(Good).AddSupabaseFiles()).Services.GetRequiredService<IFileStore>()
            .GetType().Name.Should().Be("SupabaseFileStore");
    }

    private static string Schema { get; } =
        $$"""{"outcome":"ok","migrations":[{{string.Join(',', SupabaseMigrations.Names.Select(static name => $"\"{name}\""))}}]}""";

    private static void Good(SupabaseOptions options)
    {
        options.Url = "https://project.supabase.test";
        options.PublishableKey = ScriptedHost.Publishable;
        options.SecretKey = ScriptedHost.Secret;
    }

    private static string Legacy(string role) =>
        $"eyJhbGciOiJIUzI1NiJ9.{Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($$"""{"role":"{{role}}"}"""))}.c2ln";

    private async Task<IHost> StartAsync(Action<SessionRecoveryBuilder> configure, params (string Key, string Value)[] settings)
    {
        if (settings.Length > 0)
        {
            _supabase.Script = request => request.Target.EndsWith("session_recovery_schema", StringComparison.Ordinal)
                ? Json(200, Schema)
                : Json(200, "[]");
        }

        var host = Build(configure, settings: settings);
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private IHost Build(
        Action<SessionRecoveryBuilder> configure, Action<IServiceCollection>? before = null, params (string Key, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.Logging.AddProvider(new FakeLoggerProvider(_logs));
        before?.Invoke(builder.Services);
        configure(builder.Services.AddSessionRecoveryCore<UnavailableTokenVerifier>());
        builder.Services.AddHttpClient(SupabaseConnection.ClientName).ConfigurePrimaryHttpMessageHandler(() => _supabase);
        return builder.Build();
    }

    private sealed class SomeReader : ICreditReader
    {
        public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
            ValueTask.FromResult(CreditReadResult.NotFound);
    }

    private sealed class HostTokenVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            ValueTask.FromResult(TokenVerificationResult.Unavailable);
    }
}
