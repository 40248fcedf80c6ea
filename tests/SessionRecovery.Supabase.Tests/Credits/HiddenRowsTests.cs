using FluentAssertions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Credits;

/// <summary>Tests that a policy that hides a user's row is reported only in the log.</summary>
[TestFixture]
internal sealed class HiddenRowsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _clock = new();

    [Test]
    public async Task A_row_visible_only_to_the_server_logs_throttled_warnings()
    {
        await using var host = Start();
        host.Supabase.Script = static request => Json(200, request.Key == ScriptedHost.Secret ? """[{"credits":42}]""" : "[]");

        for (var round = 0; round < 3; round++)
        {
            var reading = await host.ReadAsync();
            reading.Status.Should().Be(CreditReadStatus.NotFound);
            reading.HasBalance.Should().BeFalse();
        }

        SpinWait.SpinUntil(() => Warnings(host) == 1, Patience).Should().BeTrue();
        host.Supabase.Requests.Count(static request => request.Key == ScriptedHost.Secret).Should().Be(1);
        _clock.Advance(TimeSpan.FromMinutes(10));
        await host.ReadAsync();
        SpinWait.SpinUntil(() => Warnings(host) == 2, Patience).Should().BeTrue();
    }

    [TestCase(200, "[]")]
    [TestCase(503, "{}")]
    public async Task A_row_missing_for_the_server_too_logs_nothing(int status, string body)
    {
        await using var host = Start();
        host.Supabase.Script = request => request.Key == ScriptedHost.Secret ? Json(status, body) : Json(200, "[]");

        (await host.ReadAsync()).Status.Should().Be(CreditReadStatus.NotFound);
        SpinWait.SpinUntil(() => host.Supabase.Requests.Count == 2, Patience).Should().BeTrue();

        // The next check finds a row and logs the only warning.
        host.Supabase.Script = static request => Json(200, request.Key == ScriptedHost.Secret ? """[{"credits":42}]""" : "[]");
        _clock.Advance(TimeSpan.FromSeconds(10));
        await host.ReadAsync();
        SpinWait.SpinUntil(() => Warnings(host) > 0, Patience).Should().BeTrue();

        host.Logs.GetSnapshot().Count(static record => record.Level >= LogLevel.Warning).Should().Be(1);
    }

    [Test]
    public async Task Hidden_rows_are_not_checked_without_a_secret_key()
    {
        await using var host = Start(options => options.SecretKey = null);
        host.Supabase.Script = static _ => Json(200, "[]");

        (await host.ReadAsync()).Status.Should().Be(CreditReadStatus.NotFound);

        host.Supabase.Requests.Should().ContainSingle();
    }

    private static int Warnings(ScriptedHost host) => host.Logs.GetSnapshot().Count(static record => record.Id.Name == "SupabaseRowHidden");

    private ScriptedHost Start(Action<SupabaseOptions>? configure = null) => new(configure, clock: _clock);
}
