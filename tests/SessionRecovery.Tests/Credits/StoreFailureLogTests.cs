using System.Collections.Concurrent;
using System.Data.Common;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>
/// Tests the log entries of a store that fails. The message must contain the error code of the database, and the exception must be
/// attached.
/// </summary>
[TestFixture]
internal sealed class StoreFailureLogTests
{
    [TestCase("SQLite Error 13: 'database or disk is full'.", "SQLite Error 13: 'database or disk is full'.")]
    [TestCase("42P01: relation \"user_credits\" does not exist\n\nPOSITION: 15", "42P01: relation \"user_credits\" does not exist")]
    public async Task A_failed_read_and_a_failed_command_name_the_error_of_the_database(string message, string line)
    {
        using var lines = new Lines();
        await using var host = new CoreHost(configure: builder =>
        {
            builder.UseCreditStore<ScriptedStore>();
            builder.Services.AddSingleton<ILoggerProvider>(lines);
        });
        host.Store.Read = _ => throw new DatabaseException(message);
        host.Store.Apply = _ => throw new DatabaseException(message);

        (await host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.Unavailable);
        (await host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 1, IdempotencyKey.Create("k"))).Status
            .Should().Be(CreditCommandStatus.Unknown);

        var failures = lines.Entries.Where(entry => entry.Exception is DatabaseException).ToList();
        failures.Should().HaveCountGreaterThanOrEqualTo(2)
            .And.OnlyContain(entry => entry.Message.Contains(line, StringComparison.Ordinal) && !entry.Message.Contains('\n'));
    }

    private sealed class DatabaseException(string message) : DbException(message);

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(string Message, Exception? Exception)> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue((formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}
