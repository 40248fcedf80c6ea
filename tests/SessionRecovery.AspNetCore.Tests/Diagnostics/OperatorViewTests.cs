using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Diagnostics;
using SessionRecovery.Warming;

namespace SessionRecovery.AspNetCore.Tests.Diagnostics;

/// <summary>Tests the metrics, logs and health checks for operators, and tests that they contain no secrets.</summary>
[TestFixture]
internal sealed class OperatorViewTests
{
    private static readonly byte[] Wav = [.. "RIFF\0\0\0\0WAVEfmt "u8, .. new byte[500]];

    private TemporaryFolder _folder = null!;
    private FakeLogCollector _logs = null!;

    [SetUp]
    public void Start() => _folder = new TemporaryFolder();

    [TearDown]
    public void Stop() => _folder.Dispose();

    [Test]
    public async Task Key_metrics_are_counted_and_every_instrument_is_described()
    {
        var seen = new ConcurrentBag<(string Instrument, string Tags)>();
        var instruments = new ConcurrentBag<Instrument>();
        await using var host = await StartAsync();
        using var listener = new MeterListener();
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Meter.Name == SessionRecoveryDiagnostics.MeterName && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                instruments.Add(instrument);
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
            seen.Add((instrument.Name, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")))));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => { });
        listener.Start();

        var (_, file) = await UseEverythingAsync(host);

        seen.Should().Contain(("session_recovery.recoveries", "trigger=new_epoch,outcome=not_needed"));
        seen.Should().Contain(
            ("session_recovery.recoveries", "trigger=other,outcome=not_needed"),
            "an unknown trigger of a client must not become a tag value");
        seen.Should().Contain(("session_recovery.file_serves", "outcome=served"));
        seen.Should().Contain(("session_recovery.file_serves", "outcome=missing"));
        seen.Should().Contain(("session_recovery.auth_state_changes", "state=refused"));
        seen.Should().Contain(("session_recovery.auth_state_changes", "state=ended"));
        instruments.Select(instrument => instrument.Name).Should().Contain("session_recovery.credit_read.retries");
        instruments
            .Should().OnlyContain(instrument => !string.IsNullOrEmpty(instrument.Description) && !string.IsNullOrEmpty(instrument.Unit));
        seen.Should().NotContain(measurement => measurement.Tags.Contains(file, StringComparison.Ordinal)
            || measurement.Tags.Contains("ann@", StringComparison.Ordinal));
    }

    [Test]
    public async Task Logs_contain_no_token_link_key_or_user_id()
    {
        await using var host = await StartAsync();

        var (secrets, _) = await UseEverythingAsync(host);

        var entries = _logs.GetSnapshot().Where(entry => entry.Category!.StartsWith("SessionRecovery", StringComparison.Ordinal)).ToList();
        entries.Should().NotBeEmpty("without log entries this test checks nothing");
        foreach (var entry in entries)
        {
            $"{entry.Message} {entry.Exception}".Should().NotContainAny(secrets);
        }
    }

    [Test]
    public async Task Recent_users_are_warm_after_a_restart_per_health_check()
    {
        await using (var before = await StartAsync())
        {
            using var ann = await before.SignInAsync("ann");
            await ann.GetAsync("/auth/credits");
        }

        await using var host = await StartAsync();
        var warmer = host.Services.GetRequiredService<ICacheWarmer>();
        SpinWait.SpinUntil(() => warmer.LastResult is not null, TimeSpan.FromSeconds(30)).Should().BeTrue();
        var report = await host.Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(check => check.Name == "session_recovery_warm_up");

        warmer.LastResult
            .Should().Match<CacheWarmingResult>(warmUp => warmUp.Outcome == CacheWarmingOutcome.Completed && warmUp.Filled == 1);
        report.Status.Should().Be(HealthStatus.Healthy);
    }

    [Test]
    public async Task Credits_are_readable_while_recovery_is_disabled()
    {
        await using var host = await StartAsync(KeyValuePair.Create<string, string?>("SessionRecovery:Recovery:Enabled", "false"));
        using var ann = await host.SignInAsync("ann");

        using var recover = await ann.PostAsync("/session/recover", Json("{}"));
        using var credits = await ann.GetAsync("/auth/credits");

        recover.StatusCode.Should().Be(HttpStatusCode.NotFound);
        credits.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Test]
    public async Task The_embedded_store_reads_its_configuration_section()
    {
        await using var host = await StartAsync(KeyValuePair.Create<string, string?>("SessionRecovery:Sqlite:InitialCredits", "7"));
        using var ann = await host.SignInAsync("ann");

        (await (await ann.GetAsync("/auth/credits")).JsonAsync()).GetProperty("credits").GetInt64().Should().Be(7);
    }

    private Task<TestHost> StartAsync(params KeyValuePair<string, string?>[] settings)
    {
        var logging = new FakeLoggerProvider();
        _logs = logging.Collector;
        return TestHost.StartAsync(
            _folder,
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection(settings);
                builder.Logging.AddProvider(logging).SetMinimumLevel(LogLevel.Trace);
                recovery.UseSqlite($"Data Source={_folder.File("credits.db")}").AddLocalFiles(_folder.File("files"));
            },
            map: app => app.MapPost("/paid", () => "paid").RequireCredits(5));
    }

    private static async Task<(string[] Secrets, string File)> UseEverythingAsync(TestHost host)
    {
        var token = await host.TokenAsync("ann@example.org");
        using var ann = host.Anonymous();
        ann.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var part = new ByteArrayContent(Wav);
        part.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        var file = await (await ann.PostAsync("/uploads", new MultipartFormDataContent { { part, "file", "song.wav" } })).JsonAsync();
        var url = file.GetProperty("url").GetString()!;
        var link = (await (await ann.PostAsync($"{url}/links", content: null)).JsonAsync()).GetProperty("url").GetString()!;
        using var paid = new HttpRequestMessage(HttpMethod.Post, "/paid") { Content = Json("{}") };
        paid.Headers.Add("Idempotency-Key", "key-of-this-test");
        await ann.SendAsync(paid);
        await ann.GetAsync("/auth/credits?refresh=true");
        await ann.GetAsync("/session/health");
        await ann.GetAsync("/uploads/nothing-000000000000.wav");
        await ann.PostAsync("/session/recover", Json("""{"trigger":"new_epoch"}"""));
        using var other = host.Anonymous();
        other.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await host.TokenAsync("ann@example.org"));
        await other.PostAsync("/session/recover", Json("""{"trigger":"ann@example.org"}"""));
        using var anonymous = host.Anonymous();
        await anonymous.GetAsync(link);
        using var forged = host.Anonymous();
        forged.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "forged-token");
        await forged.GetAsync("/auth/credits");
        await ann.DeleteAsync(url);
        await ann.PostAsync("/session/end", content: null);
        return ([token, Uri.UnescapeDataString(link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..]), "key-of-this-test",
            "ann@example.org", "forged-token"], file.GetProperty("name").GetString()!);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
