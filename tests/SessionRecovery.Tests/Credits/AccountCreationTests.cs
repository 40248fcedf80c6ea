using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests which reads create an account, and the result of a read whose account was not created.</summary>
[TestFixture]
internal sealed class AccountCreationTests
{
    [TestCase(true, 1)]
    [TestCase(false, 0)]
    public async Task The_host_decides_which_sessions_receive_an_account(bool isAllowed, int commands)
    {
        var asked = new List<UserSession>();
        await using var host = new CoreHost(options => options.InitializeAccount = session =>
        {
            asked.Add(session);
            return isAllowed;
        });
        host.Store.Read = static _ => CreditReadResult.NotFound;
        host.Store.Apply = _ => new(CreditCommandStatus.Done, host.Balance(100, version: 1));

        var result = await host.Credits.ReadAsync(CoreHost.Ann);

        result.Status.Should().Be(isAllowed ? CreditReadStatus.Current : CreditReadStatus.NotFound);
        host.Store.Commands.Should().Be(commands);
        asked.Should().Equal(CoreHost.Ann);
    }

    [Test]
    public async Task A_host_without_a_ledger_creates_no_account()
    {
        await using var host = new CoreHost(configure: static builder => builder.UseCreditReader<PropertyReader>());
        host.Store.Read = static _ => CreditReadResult.NotFound;

        (await host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.NotFound);

        host.Store.Commands.Should().Be(0);
    }

    [TestCase(CreditCommandStatus.Busy, CreditReadStatus.Unavailable)]
    [TestCase(CreditCommandStatus.Unknown, CreditReadStatus.Unavailable)]
    [TestCase(CreditCommandStatus.KeyConflict, CreditReadStatus.NotFound)]
    [TestCase(CreditCommandStatus.Done, CreditReadStatus.NotFound)]
    public async Task A_read_without_a_created_balance_has_none(CreditCommandStatus created, CreditReadStatus expected)
    {
        await using var host = new CoreHost();
        host.Store.Read = static _ => CreditReadResult.NotFound;
        host.Store.Apply = _ => new(created);

        (await host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(expected);
    }

    [TestCase(true, 1)]
    [TestCase(false, 0)]
    public async Task Only_a_created_account_is_logged(bool isCreated, int entries)
    {
        var logs = FakeLogCollector.Create(new FakeLogCollectorOptions());
        await using var host = new CoreHost(configure: builder =>
        {
            builder.UseCreditStore<ScriptedStore>();
            builder.Services.AddSingleton<ILoggerProvider>(new FakeLoggerProvider(logs));
        });
        host.Store.Read = static _ => CreditReadResult.NotFound;
        host.Store.Apply = _ => new(CreditCommandStatus.Done, host.Balance(100, version: 1)) { Created = isCreated };

        await host.Credits.ReadAsync(CoreHost.Ann);

        logs.GetSnapshot().Where(static record => record.Id.Name == "AccountCreated").Should().HaveCount(entries);
    }

    [Test]
    public async Task An_account_that_disappears_is_created_again()
    {
        await using var host = new CoreHost();
        host.Store.Read = static _ => CreditReadResult.NotFound;
        host.Store.Apply = _ => new(CreditCommandStatus.Done, host.Balance(100, version: 1));
        await host.Credits.ReadAsync(CoreHost.Ann);

        host.Time.Advance(TimeSpan.FromSeconds(31));
        var result = await host.Credits.ReadAsync(CoreHost.Ann);

        result.Status.Should().Be(CreditReadStatus.Current);
        host.Store.Commands.Should().Be(2);
    }
}
