using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>Tests that the warm-up after a start reads the users who were active when the host stopped.</summary>
[TestFixture]
internal sealed class HandOverTests : FieldTest
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Test]
    public async Task A_user_who_only_read_is_warmed_from_the_file()
    {
        await StartAsync();
        await ReadAsync();
        await StartAsync();
        _time.Advance(TimeSpan.FromHours(25));
        await StartAsync();
        (await WarmUpAsync()).Users.Should().Be(0, "the user was last active a day ago");

        await ReadAsync();
        await StartAsync();

        (await WarmUpAsync()).Should().Match<CacheWarmingResult>(result => result.Users == 1 && result.Filled == 1);
    }

    [Test]
    public async Task The_file_lists_the_last_users_after_a_crash()
    {
        await StartAsync();
        await ReadAsync();
        await StartAsync();
        _time.Advance(TimeSpan.FromHours(25));
        await ReadAsync();

        // A killed process writes nothing, so the next start after a crash would find the users that the source lists now.
        var source = Host.Services.GetRequiredService<IActiveUserSource>();
        await EventuallyAsync(async () =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            var since = _time.GetUtcNow() - TimeSpan.FromHours(24);
            return (await source.GetActiveUsersAsync(50, since, CancellationToken.None)).Count == 1;
        });
    }

    private Task StartAsync() => StartAsync(
        static _ => { },
        configure: (builder, _) => builder.Services.AddSingleton<TimeProvider>(_time));

    private async Task ReadAsync()
    {
        var session = new UserSession(UserId.Create("ann"));
        (await Host.Services.GetRequiredService<ICreditService>().ReadAsync(session)).Balance!.Available.Should().Be(100);
    }

    private async Task<CacheWarmingResult> WarmUpAsync()
    {
        var warmer = Host.Services.GetRequiredService<ICacheWarmer>();
        await EventuallyAsync(() => Task.FromResult(warmer.LastResult is not null));
        return warmer.LastResult!;
    }
}
