using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Supabase.Tests.Hosting;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>
/// Tests that anonymous users receive no initial credits unless the host allows it, because a visitor can sign in anonymously any number of
/// times.
/// </summary>
[TestFixture]
internal sealed class AnonymousSignInTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Anonymous_users_get_an_account_only_if_the_host_allows(bool isAllowed)
    {
        await using var standIn = await StandIns.StartAsync();
        standIn.Control.Auth.AnonymousSignIns = true;
        await using var host = await SupabaseHost.StartAsync(standIn, services: services =>
        {
            if (isAllowed)
            {
                services.Configure<CreditOptions>(static options => options.InitializeAccount = static _ => true);
            }
        });
        using var gateway = host.Gateway();
        using var signUp = await gateway.PostAsJsonAsync("/auth/v1/signup", new { });
        var token = (await signUp.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/work") { Headers = { { "Idempotency-Key", "key-1" } } };

        using var paid = await client.SendAsync(request);
        var balance = await client.GetFromJsonAsync<JsonElement>("/auth/credits");

        paid.StatusCode.Should().Be(isAllowed ? HttpStatusCode.OK : HttpStatusCode.PaymentRequired);
        balance.GetProperty("status").GetString().Should().Be(isAllowed ? "known" : "missing");
    }
}
