using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>Tests that a kept response is used again only for the same user and the same balance.</summary>
internal sealed class BalanceResponseTests
{
    private static readonly UserSession Ada = new(UserId.Create("ada"));
    private static readonly UserSession Bob = new(UserId.Create("bob"));

    [Test]
    public void A_response_with_a_current_balance_is_created_once()
    {
        var result = CreditReadResult.Current(Balance(100));

        BalanceResponse.Get(Ada, result).Should().BeSameAs(BalanceResponse.Get(new UserSession(Ada.User), result));
    }

    [Test]
    public void Users_with_the_same_balance_object_receive_their_own_responses()
    {
        var result = CreditReadResult.Current(Balance(100));

        var ada = BalanceResponse.Get(Ada, result);
        var bob = BalanceResponse.Get(Bob, result);

        User(ada).Should().Be("ada");
        User(bob).Should().Be("bob");
        User(BalanceResponse.Get(Ada, result)).Should().Be("ada");
        Version(ada).Should().NotBe(Version(bob));
    }

    [Test]
    public void Sessions_with_other_properties_receive_their_own_version()
    {
        var result = CreditReadResult.Current(Balance(100));
        var inTenant = Ada.WithProperties([new("tenant", "one")]);

        var (outside, inside) = (BalanceResponse.Get(Ada, result), BalanceResponse.Get(inTenant, result));

        Version(inside).Should().NotBe(Version(outside)).And.Be(CreditVersionToken.Create(inTenant, result.Balance!).ToString());
        Version(BalanceResponse.Get(Ada, result)).Should().Be(Version(outside));
    }

    [Test]
    public void A_new_balance_and_a_stale_balance_receive_their_own_responses()
    {
        var balance = Balance(100);
        BalanceResponse.Get(Ada, CreditReadResult.Current(balance));

        var changed = BalanceResponse.Get(Ada, CreditReadResult.Current(Balance(90)));
        var stale = BalanceResponse.Get(Ada, CreditReadResult.Stale(balance, TimeSpan.FromMinutes(1)));

        Member(changed, "credits").GetValue<long>().Should().Be(90);
        Member(stale, "status").GetValue<string>().Should().Be("stale");
    }

    [Test]
    public void A_user_without_an_account_receives_no_headers()
    {
        var response = BalanceResponse.Get(Ada, CreditReadResult.NotFound);

        Headers(response).Should().BeEmpty();
        Member(response, "status").GetValue<string>().Should().Be("missing");
    }

    private static CreditBalance Balance(long available) =>
        new(available, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), version: 7, incarnation: "first");

    private static string User(BalanceResponse response) => Member(response, "user_id").GetValue<string>();

    private static string Version(BalanceResponse response) => Headers(response)["Credits-Version"].ToString();

    private static JsonNode Member(BalanceResponse response, string name) =>
        JsonNode.Parse(Encoding.UTF8.GetString(response.Body.Span))![name]!;

    private static IHeaderDictionary Headers(BalanceResponse response)
    {
        var context = new DefaultHttpContext();
        response.WriteHeaders(context.Response);
        return context.Response.Headers;
    }
}
