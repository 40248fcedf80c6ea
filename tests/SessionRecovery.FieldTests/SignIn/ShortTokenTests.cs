using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>Tests access tokens with a lifetime of 60 seconds.</summary>
[TestFixture]
internal sealed class ShortTokenTests : FieldTest
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [SetUp]
    public Task StartAsync() => StartAsync(
        app => app.MapPost("/work", async () =>
        {
            _arrived.TrySetResult();
            await _goOn.Task;
            return "done";
        }).RequireCredits(5),
        authenticate: services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme)
                .AddBearerToken(static options => options.BearerTokenExpiration = Lifetime);
        });

    [Test]
    public async Task A_session_stays_healthy_over_ten_tokens()
    {
        using var client = await Host.SignInAsync("ann");
        for (var minute = 0; minute < 10; minute++)
        {
            (await HealthAsync(client)).Should().Be("healthy");
            _clock.Advance(Lifetime - TimeSpan.FromSeconds(1));
            (await HealthAsync(client)).Should().Be("healthy");
            using var recovery = await client.PostAsync("/session/recover", content: null);
            recovery.StatusCode.Should().Be(HttpStatusCode.OK);
            _clock.Advance(TimeSpan.FromSeconds(2));
            using var expired = await client.GetAsync("/session/health");
            expired.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            (await CodeAsync(expired)).Should().Be("invalid_token");
            using var renewed = await Host.SignInAsync("ann");
            client.DefaultRequestHeaders.Authorization = renewed.DefaultRequestHeaders.Authorization;
        }
    }

    [Test]
    public async Task Paid_work_outlives_its_token_and_is_delivered()
    {
        using var client = await Host.SignInAsync("ann");
        _clock.Advance(Lifetime - TimeSpan.FromSeconds(1));
        var running = client.SendAsync(FieldHost.Paid("/work", "key-1"));
        await _arrived.Task.WaitAsync(Patience);

        _clock.Advance(TimeSpan.FromSeconds(2));
        _goOn.SetResult();
        using var response = await running;

        (await response.Content.ReadAsStringAsync()).Should().Be("done");
        using var later = await Host.SignInAsync("ann");
        (await FieldHost.BalanceAsync(later)).Should().Be((95, 0));
        using var repeat = await later.SendAsync(FieldHost.Paid("/work", "key-1"));
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
    }

    private static async Task<string?> HealthAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/session/health")).GetProperty("status").GetString();
}
