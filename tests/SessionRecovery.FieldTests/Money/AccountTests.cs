using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests which users receive an account, and which responses a user without an account receives while the store fails.</summary>
[TestFixture]
internal sealed class AccountTests : FieldTest
{
    [Test]
    public async Task A_failed_initialization_is_no_missing_account()
    {
        FailingStore? store = null;
        await StartAsync(
            static app => app.MapPost("/paid", static () => "paid").RequireCredits(5),
            configure: (builder, _) =>
            {
                builder.Configuration.AddInMemoryCollection([new("SessionRecovery:Credits:RetryDelay", "00:00:00")]);
                store = FailingStore.Install(builder.Services);
            });
        using var client = await Host.SignInAsync("ann");
        store!.Fails = static command => command is CreditCommand.Initialize;

        using var refused = await client.SendAsync(FieldHost.Paid("/paid", "key-1"));
        store.Fails = static _ => false;
        using var repeat = await client.SendAsync(FieldHost.Paid("/paid", "key-1"));

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        repeat.StatusCode.Should().Be(HttpStatusCode.OK);
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task The_predicate_of_the_host_decides_who_gets_an_account()
    {
        await StartAsync(
            static app => app.MapPost("/paid", static () => "paid").RequireCredits(5),
            configure: static (builder, _) => builder.Services.Configure<CreditOptions>(
                static options => options.InitializeAccount = static session => session.User.Value != "guest"));
        using var guest = await Host.SignInAsync("guest");
        using var ann = await Host.SignInAsync("ann");

        using var refused = await guest.SendAsync(FieldHost.Paid("/paid", "key-1"));
        using var paid = await ann.SendAsync(FieldHost.Paid("/paid", "key-1"));
        var balance = await guest.GetFromJsonAsync<JsonElement>("/auth/credits");

        refused.StatusCode.Should().Be(HttpStatusCode.PaymentRequired);
        (await CodeAsync(refused)).Should().Be("no_account");
        balance.GetProperty("status").GetString().Should().Be("missing");
        paid.StatusCode.Should().Be(HttpStatusCode.OK, "a first paid request creates the account");
        (await FieldHost.BalanceAsync(ann)).Should().Be((95, 0));
    }

    [Test]
    public async Task Server_code_creates_no_account_past_the_predicate()
    {
        await StartAsync(
            static _ => { },
            configure: static (builder, _) => builder.Services.Configure<CreditOptions>(
                static options => options.InitializeAccount = static _ => false));
        var ledger = Host.Services.GetRequiredService<ICreditLedger>();
        var user = SessionRecovery.Sessions.UserId.Create("guest");

        (await ledger.ConsumeAsync(user, 5, IdempotencyKey.Create("a"))).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await ledger.ReserveAsync(user, 5, IdempotencyKey.Create("b"))).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await ledger.InitializeAsync(user)).Created.Should().BeTrue("the host may decide otherwise");
    }
}
