using System.Diagnostics;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>
/// Tests that one signed-in user cannot cause an unlimited number of calls from the host to Auth. Auth limits the rate per address, and all
/// users share the address of the host.
/// </summary>
[TestFixture]
internal sealed class AuthCallTests
{
    private const int Connections = 16;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    [TestCase("GET", "/session/health")]
    [TestCase("POST", "/auth/verify")]
    public async Task Sixteen_connections_cause_few_calls_to_Auth(string method, string path)
    {
        using var calls = new CallCounter();
        await using var host = await SupabaseHost.StartAsync(services: services =>
        {
            services.Configure<CreditOptions>(static credits => credits.MinRefreshInterval = TimeSpan.FromSeconds(1));
            services.AddHttpClient("SessionRecovery.Supabase").AddHttpMessageHandler(() => calls);
        });
        var ada = await host.SignUpAsync();
        await ada.CreditsAsync();
        calls.Reset();

        var answered = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => AskAsync(ada, method, path)));

        answered.Sum().Should().BeGreaterThan(Connections * 5);
        calls["/auth/v1/user"].Should().BeInRange(1, 10);
        calls["/rest/v1/user_credits"].Should().BeInRange(0, 10);
    }

    private static async Task<int> AskAsync(SignedIn user, string method, string path)
    {
        using var client = user.Client();
        var started = Stopwatch.GetTimestamp();
        var answered = 0;
        for (; Stopwatch.GetElapsedTime(started) < Duration; answered++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
        }

        return answered;
    }
}
