using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

[TestFixture]
public sealed class RegistrationTests
{
    [Test]
    public async Task The_store_opens_before_and_closes_after_the_host_services()
    {
        using var folder = new TemporaryFolder();
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.Services.AddHostedService<Spender>();
        new SessionRecoveryBuilder(host.Services).UseSqlite(folder.ConnectionString);
        using (var running = host.Build())
        {
            await running.StartAsync();
            await running.StopAsync();
        }

        await using var store = await StartedStore.StartAsync(folder.ConnectionString);
        var balance = (await store.Credits.ReadAsync(new UserSession(Spender.User), CancellationToken.None)).Balance!;
        balance.Available.Should().Be(98, "the service spent one credit at its start and one at its stop");
    }

    [Test]
    public void Earlier_host_registrations_are_kept()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IFileManifest>(_ => null!);

        new SessionRecoveryBuilder(services)
            .UseSqlite("Data Source=credits.db").Services.Count(service => service.ServiceType == typeof(IFileManifest)).Should().Be(1);
    }

    [Test]
    public void UseSqlite_with_two_connection_strings_is_rejected()
    {
        var builder = new SessionRecoveryBuilder(new ServiceCollection()).UseSqlite("Data Source=one.db;Password=secret");

        builder.Invoking(static again => again.UseSqlite("Data Source=two.db")).Should().Throw<InvalidOperationException>()
            .WithMessage("UseSqlite(\"Data Source=one.db\") and UseSqlite(\"Data Source=two.db\")*").Which.Message
            .Should().NotContain("secret");
    }

    [Test]
    public void UseSqlite_called_twice_with_the_same_file_registers_once()
    {
        var services = new ServiceCollection();

        new SessionRecoveryBuilder(services).UseSqlite("Data Source=credits.db").UseSqlite("Data Source=credits.db");

        services.Where(service => service.ServiceType == typeof(IHostedService)).Should().OnlyHaveUniqueItems(
            service => service.ImplementationType);
    }

    [Test]
    public async Task A_store_of_an_unstarted_host_throws_with_a_reason()
    {
        var services = new ServiceCollection().AddLogging();
        new SessionRecoveryBuilder(services).UseSqlite("Data Source=credits.db");
        await using var provider = services.BuildServiceProvider();

        var read = async () =>
            await provider.GetRequiredService<ICreditStore>().ReadAsync(new UserSession(Spender.User), CancellationToken.None);

        await read.Should().ThrowAsync<InvalidOperationException>().WithMessage("*has not started*");
    }

    private sealed class Spender(ICreditStore store) : IHostedLifecycleService
    {
        public static UserId User { get; } = UserId.Create("ada");

        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            await store.ApplyAsync(new CreditCommand.Initialize(User), cancellationToken);
            await Spend("starting", cancellationToken);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Spend("stopped", cancellationToken);

        private async Task Spend(string key, CancellationToken cancellationToken) =>
            (await store.ApplyAsync(new CreditCommand.Consume(User, 1, IdempotencyKey.Create(key)), cancellationToken)).Status
                .Should().Be(CreditCommandStatus.Done);
    }
}
