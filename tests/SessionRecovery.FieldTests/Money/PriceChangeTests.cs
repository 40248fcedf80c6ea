using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests a deployment that changes the price of an endpoint between a request and its repeat.</summary>
[TestFixture]
internal sealed class PriceChangeTests : FieldTest
{
    private bool _isBroken;

    [TestCase(6)]
    [TestCase(1)]
    [TestCase(1000)]
    public async Task A_paid_response_is_replayed_at_another_price(long newPrice)
    {
        await StartAsync(Map(5));
        using (var client = await Host.SignInAsync("ann"))
        using (await client.SendAsync(FieldHost.Paid("/paid", "key-1")))
        {
        }

        await StartAsync(Map(newPrice));
        using var restarted = await Host.SignInAsync("ann");
        using var repeat = await restarted.SendAsync(FieldHost.Paid("/paid", "key-1"));

        repeat.StatusCode.Should().Be(HttpStatusCode.OK);
        (await repeat.Content.ReadAsStringAsync()).Should().Be("price 5");
        (await FieldHost.BalanceAsync(restarted)).Should().Be((95, 0));
    }

    [Test]
    public async Task An_unpaid_request_costs_the_new_price()
    {
        _isBroken = true;
        await StartAsync(Map(5));
        using (var client = await Host.SignInAsync("ann"))
        using (await client.SendAsync(FieldHost.Paid("/paid", "key-1")))
        {
        }

        _isBroken = false;
        await StartAsync(Map(6));
        using var restarted = await Host.SignInAsync("ann");
        using var repeat = await restarted.SendAsync(FieldHost.Paid("/paid", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be("price 6");
        (await FieldHost.BalanceAsync(restarted)).Should().Be((94, 0));
    }

    private Action<WebApplication> Map(long price) => app => app.MapPost(
        "/paid", () => _isBroken ? Results.StatusCode(500) : Results.Text($"price {price}")).RequireCredits(price);
}
