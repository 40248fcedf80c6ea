using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Setup;

/// <summary>Tests that a host with an incomplete registration does not start, and that the error message names the missing call.</summary>
[TestFixture]
internal sealed class SetupTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Start() => _folder = new TemporaryFolder();

    [TearDown]
    public void Stop() => _folder.Dispose();

    [Test]
    public void Mapping_without_adding_names_the_missing_call()
    {
        var app = WebApplication.CreateSlimBuilder().Build();

        FluentActions.Invoking(() => app.MapSessionRecovery()).Should().Throw<InvalidOperationException>()
            .WithMessage("*AddSessionRecovery()*");
    }

    [Test]
    public async Task A_paid_endpoint_without_a_ledger_names_the_missing_call()
    {
        await ShouldFailAsync(
            "*RequireCredits*/paid*UseSqlite*",
            (_, recovery) => recovery.UseCreditReader<OwnTable>(),
            map: app => app.MapPost("/paid", () => "x").RequireCredits(5));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_reader_beside_a_store_is_rejected(bool readerFirst)
    {
        var database = $"Data Source={_folder.File("c.db")}";

        await ShouldFailAsync("*UseCreditReader<OwnTable>()*", (_, recovery) =>
        {
            if (readerFirst)
            {
                recovery.UseCreditReader<OwnTable>().UseSqlite(database);
            }
            else
            {
                recovery.UseSqlite(database).UseCreditReader<OwnTable>();
            }
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Two_providers_are_rejected_with_both_calls(bool sqliteFirst)
    {
        var database = $"Data Source={_folder.File("c.db")}";

        await ShouldFailAsync<OptionsValidationException>("*UseS*() and UseS*() each choose the source of credits*", (_, recovery) =>
        {
            if (sqliteFirst)
            {
                recovery.UseSqlite(database).UseSupabase(SetProject);
            }
            else
            {
                recovery.UseSupabase(SetProject).UseSqlite(database);
            }
        });

        static void SetProject(SessionRecovery.Supabase.SupabaseOptions options)
        {
            options.Url = "https://project.supabase.test";
            options.PublishableKey = "sb_publishable_0123456789";
        }
    }

    [Test]
    public async Task A_route_already_mapped_by_the_host_is_named()
    {
        await ShouldFailAsync("*GET /auth/credits*", map: app => app.MapGet("/auth/credits", () => "mine"));
    }

    [Test]
    public async Task Files_without_a_manifest_name_the_missing_call()
    {
        await ShouldFailAsync(
            "*AddLocalFiles*UseSqlite*", (_, recovery) => recovery.UseCreditReader<OwnTable>().AddLocalFiles(_folder.File("files")));
    }

    [Test]
    public async Task A_relative_folder_for_files_is_rejected()
    {
        await ShouldFailAsync("*SessionRecovery:Files:Folder*absolute*",
            (_, recovery) => recovery.UseSqlite($"Data Source={_folder.File("c.db")}").AddLocalFiles("uploads"));
    }

    [Test]
    public async Task A_host_without_a_default_scheme_fails_with_a_message()
    {
        await ShouldFailAsync("*AddAuthentication*",
            (builder, _) => builder.Services.PostConfigure<Microsoft.AspNetCore.Authentication.AuthenticationOptions>(options =>
        {
            options.DefaultScheme = null;
            options.AddScheme<NoHandler>("second", null);
        }));
    }

    [TestCase("SessionRecovery:Credits:CacheDuration", "25:00:00")]
    [TestCase("SessionRecovery:Credits:MaxAttempts", "0")]
    [TestCase("SessionRecovery:Health:ProbeTimeout", "00:00:00")]
    [TestCase("SessionRecovery:Recovery:Cooldown", "-00:00:01")]
    [TestCase("SessionRecovery:Warming:MaxUsers", "20000")]
    [TestCase("SessionRecovery:PaidRequests:RenewInterval", "00:00:09")]
    [TestCase("SessionRecovery:PaidRequests:ReservationLifetime", "00:11:00")]
    public async Task An_out_of_range_setting_is_named(string setting, string value)
    {
        await ShouldFailAsync<OptionsValidationException>(
            $"*{setting} is *valid values are*",
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection([new(setting, value)]);
                recovery.UseSqlite($"Data Source={_folder.File("c.db")}");
            });
    }

    [Test]
    public async Task A_lifetime_that_is_too_short_for_the_renewal_is_named() =>
        await ShouldFailAsync<OptionsValidationException>(
            "*PaidRequests:RenewInterval is 00:00:03; valid values are 00:00:00.5000000 to 00:00:02 (half of ReservationLifetime).",
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection([new("SessionRecovery:PaidRequests:ReservationLifetime", "00:00:04")]);
                recovery.UseSqlite($"Data Source={_folder.File("c.db")}");
            });

    [TestCase("SessionRecovery:Session:Scheme", "SessionRecovery:Session:Scheme")]
    [TestCase("SessionRecovery:Session:UserIdClaims:0", "SessionRecovery:Session:UserIdClaims")]
    public async Task A_blank_session_setting_is_named(string key, string setting)
    {
        await ShouldFailAsync<OptionsValidationException>(
            $"*{setting} *blank*valid values are*",
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection([new(key, " ")]);
                recovery.UseSqlite($"Data Source={_folder.File("c.db")}");
            });
    }

    [Test]
    public async Task A_corrupt_database_fails_the_start_and_is_unchanged()
    {
        var file = _folder.File("broken.db");
        var content =
            "this is not a database, and it is longer than a header of one hundred bytes so that nobody takes it for new"u8.ToArray();
        await File.WriteAllBytesAsync(file, content);

        await ShouldFailAsync("*broken.db*", (_, recovery) => recovery.UseSqlite($"Data Source={file}"));

        (await File.ReadAllBytesAsync(file)).Should().Equal(content);
    }

    private Task ShouldFailAsync(
        string message,
        Action<WebApplicationBuilder, DependencyInjection.SessionRecoveryBuilder>? configure = null,
        Action<WebApplication>? map = null) =>
        ShouldFailAsync<Exception>(message, configure, map);

    private async Task ShouldFailAsync<TException>(
        string message,
        Action<WebApplicationBuilder, DependencyInjection.SessionRecoveryBuilder>? configure = null,
        Action<WebApplication>? map = null)
        where TException : Exception
    {
        var failure = await FluentActions.Awaiting(() => TestHost.StartAsync(_folder, configure, map)).Should().ThrowAsync<TException>();

        failure.Which.Message.Should().Match(message).And.NotContain("\n");
    }

    private sealed class OwnTable : ICreditReader
    {
        public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
            new(CreditReadResult.NotFound);
    }

    private sealed class NoHandler : Microsoft.AspNetCore.Authentication.IAuthenticationHandler
    {
        public Task<Microsoft.AspNetCore.Authentication.AuthenticateResult> AuthenticateAsync() =>
            Task.FromResult(Microsoft.AspNetCore.Authentication.AuthenticateResult.NoResult());

        public Task ChallengeAsync(Microsoft.AspNetCore.Authentication.AuthenticationProperties? properties) => Task.CompletedTask;

        public Task ForbidAsync(Microsoft.AspNetCore.Authentication.AuthenticationProperties? properties) => Task.CompletedTask;

        public Task InitializeAsync(Microsoft.AspNetCore.Authentication.AuthenticationScheme scheme,
            Microsoft.AspNetCore.Http.HttpContext context) => Task.CompletedTask;
    }
}
