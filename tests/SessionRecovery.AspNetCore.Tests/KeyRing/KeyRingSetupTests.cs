using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.KeyRing;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.KeyRing;

/// <summary>Tests the exceptions, warnings and health checks about the Data Protection keys at the start of a host.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class KeyRingSetupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeLogCollector _logs = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Keys_in_a_temporary_folder_name_the_missing_line()
    {
        await using var app = await StartAsync(_ => { }, keys: true);

        Events().Should().Contain("KeysDoNotSurvive");
        Message("KeysDoNotSurvive").Should().Contain("temporary folder").And.Contain(".PersistDataProtectionKeys()");
        (await HealthAsync(app)).Status.Should().Be(HealthStatus.Degraded);
        (await HealthAsync(app)).Description.Should().Contain(".PersistDataProtectionKeys()");
    }

    [Test]
    public async Task Keys_in_memory_name_the_missing_line()
    {
        await using var app = await StartAsync(
            _ => { }, services: static services => services.AddDataProtection().UseEphemeralDataProtectionProvider());

        Message("KeysDoNotSurvive").Should().Contain("in memory").And.Contain(".PersistDataProtectionKeys()");
    }

    [Test]
    public async Task Persisted_keys_in_a_temporary_database_are_a_hazard()
    {
        await using var app = await StartAsync(static recovery => recovery.PersistDataProtectionKeys());

        Events().Should().Contain("KeysNotEncrypted");
        Message("KeysDoNotSurvive").Should().Contain("temporary folder").And.Contain("Put the database of the credits");
        (await HealthAsync(app)).Status.Should().Be(HealthStatus.Degraded);
        (await app.Services.GetRequiredService<IKeyRingStore>().ReadAsync(CancellationToken.None)).Should().NotBeEmpty();
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public async Task Persisted_keys_that_others_can_read_are_a_hazard()
    {
        await using var app = await StartAsync(static recovery => recovery.PersistDataProtectionKeys());

        File.SetUnixFileMode(_folder.File("credits.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var health = await HealthAsync(app);
        health.Status.Should().Be(HealthStatus.Degraded);
        health.Description.Should().Contain("credits.db").And.Contain("chmod 600");
    }

    [Test]
    public async Task Encrypted_keys_cause_no_warning()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var app = await StartAsync(
            static recovery => recovery.PersistDataProtectionKeys(),
            services: services => services.AddDataProtection().ProtectKeysWithCertificate(certificate));

        Events().Should().NotContain("KeysNotEncrypted");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.File("credits.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            (await HealthAsync(app)).Description.Should().NotContain("chmod", "the keys cannot be read without the certificate");
        }

        (await app.Services.GetRequiredService<IKeyRingStore>().ReadAsync(CancellationToken.None))
            .Should().OnlyContain(static element => !element.Xml.Contains("<masterKey", StringComparison.Ordinal));
    }

    [Test]
    public async Task A_host_with_JWTs_only_needs_no_keys()
    {
        await using var app = await StartAsync(
            static _ => { },
            services: static services => services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(),
            keys: true,
            hasBearer: false);

        Events().Should().NotContain("KeysDoNotSurvive");
    }

    [Test]
    public async Task A_second_repository_is_named_and_not_used()
    {
        await using var app = await StartAsync(static recovery => recovery.PersistDataProtectionKeys(), keys: true);

        Message("KeyRepositoryReplaced").Should().Contain("FileSystemXmlRepository");
        Directory.EnumerateFiles(_folder.File("keys")).Should().BeEmpty();
    }

    [Test]
    public async Task Without_a_store_the_start_names_the_missing_call()
    {
        var start = () => StartAsync(static recovery => recovery.PersistDataProtectionKeys(), hasStore: false);

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message
            .Should().Contain("PersistDataProtectionKeys() requires a store");
    }

    [Test]
    public async Task A_release_in_another_folder_reads_the_same_data()
    {
        string data;
        await using (var first = await StartAsync(static recovery => recovery.PersistDataProtectionKeys(), contentRoot: "v1"))
        {
            data = first.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("p").Protect("text");
        }

        await using var second = await StartAsync(static recovery => recovery.PersistDataProtectionKeys(), contentRoot: "v2");

        second.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("p").Unprotect(data).Should().Be("text");
    }

    [Test]
    public async Task The_hosts_own_application_name_remains()
    {
        await using var app = await StartAsync(
            static recovery => recovery.PersistDataProtectionKeys(),
            services: static services => services.AddDataProtection().SetApplicationName("own"));

        app.Services.GetRequiredService<IOptions<DataProtectionOptions>>().Value.ApplicationDiscriminator.Should().Be("own");
    }

    [Test]
    public async Task An_element_that_is_not_XML_is_ignored()
    {
        await using var app = await StartAsync(static recovery => recovery.PersistDataProtectionKeys());
        await app.Services.GetRequiredService<IKeyRingStore>()
            .AddAsync(KeyRingElement.Create("broken", "<key"), CancellationToken.None);

        var elements = app.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository!.GetAllElements();

        elements.Should().ContainSingle();
        Message("KeyRingElementUnreadable").Should().Contain("broken").And.NotContain("<key");
    }

    [TestCase("", "<key />")]
    [TestCase("key", "")]
    public void An_element_has_a_name_and_XML(string name, string xml) =>
        FluentActions.Invoking(() => KeyRingElement.Create(name, xml)).Should().Throw<ArgumentException>();

    private async Task<WebApplication> StartAsync(
        Action<SessionRecoveryBuilder> configure,
        Action<IServiceCollection>? services = null,
        bool keys = false,
        bool hasStore = true,
        bool hasBearer = true,
        string contentRoot = "v1")
    {
        var root = Directory.CreateDirectory(_folder.File(contentRoot)).FullName;
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = root, ApplicationName = "Studio" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(new FakeLoggerProvider(_logs));
        if (hasBearer)
        {
            builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        }

        if (keys)
        {
            builder.Services.AddDataProtection().PersistKeysToFileSystem(Directory.CreateDirectory(_folder.File("keys")));
        }

        var recovery = builder.Services.AddSessionRecovery();
        configure(recovery);
        _ = hasStore ? recovery.UseSqlite($"Data Source={_folder.File("credits.db")}") : recovery.UseCreditReader<NoReader>();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapSessionRecovery();
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return app;
    }

    private IEnumerable<string?> Events() => _logs.GetSnapshot().Select(static record => record.Id.Name);

    private string Message(string name) => _logs.GetSnapshot().Single(record => record.Id.Name == name).Message;

    private static async Task<HealthReportEntry> HealthAsync(WebApplication app) =>
        (await app.Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(static check => check.Name == "session_recovery_keys"))
            .Entries.Single().Value;

    private sealed class NoReader : ICreditReader
    {
        public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken) =>
            new(CreditReadResult.NotFound);
    }
}
