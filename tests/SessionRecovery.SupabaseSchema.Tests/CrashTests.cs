using System.Collections.Concurrent;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the ledger when PostgreSQL and all its processes are killed while commands run.</summary>
[TestFixture]
internal sealed class CrashTests
{
    private const int Kills = 4;

    [Test]
    public async Task Killed_server_loses_no_acknowledged_charge_and_repeats_none()
    {
        await using var postgres = await ThrowAwayPostgres.StartAsync(new PostgresOptions { Durable = true });
        await postgres.ApplySupabasePlatformAsync();
        await SqlFiles.ApplyMigrationsAsync(postgres, "postgres");
        await postgres.ExecuteAsync("select session_recovery.set_initial_amount(1000000)", user: SqlFiles.Role);
        await using var database = LedgerDatabase.Open(postgres, "postgres");
        var users = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var user in users)
        {
            await database.CallAsync(Caller.Server, "initialize_user_credits", new { p_user = user });
        }

        var ledgerIds = new ConcurrentDictionary<(Guid User, string Key), long>();
        var unknown = new ConcurrentBag<(Guid User, string Key)>();
        for (var round = 0; round < Kills; round++)
        {
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var acknowledged = 0;
            var work = Enumerable.Range(0, 12).Select(worker => Task.Run(async () =>
            {
                for (var step = 0; ; step++)
                {
                    var debit = (User: users[(worker + step) % users.Length], Key: $"{round} {worker} {step}");
                    try
                    {
                        ledgerIds[debit] = await SpendAsync(database, debit.User, debit.Key, reserve: step % 3 == 0);
                    }
                    catch (Exception exception) when (exception is NpgsqlException or IOException)
                    {
                        unknown.Add(debit);
                        return;
                    }

                    if (Interlocked.Increment(ref acknowledged) == 60)
                    {
                        enough.SetResult();
                    }
                }
            })).ToArray();
            await Task.WhenAny(enough.Task, Task.WhenAll(work));
            postgres.Kill();
            await Task.WhenAll(work);
            acknowledged.Should().BeGreaterThanOrEqualTo(60);
            await postgres.StartAgainAsync();
            NpgsqlConnection.ClearAllPools();
        }

        unknown.Should().NotBeEmpty();
        var keys = (await database.QueryAsync("select user_id || ' ' || idempotency_key from credit_ledger " +
            "where idempotency_key is not null")).ToHashSet();
        ledgerIds.Keys.Should().OnlyContain(debit => keys.Contains($"{debit.User} {debit.Key}"));

        foreach (var debit in unknown)
        {
            await SpendAsync(database, debit.User, debit.Key, reserve: int.Parse(debit.Key.Split(' ')[2], null) % 3 == 0);
        }

        (await database.QueryAsync("select count(*) from credit_ledger where idempotency_key is not null"))
            .Should().Equal((ledgerIds.Count + unknown.Count).ToString(null as IFormatProvider));
        (await database.QueryAsync("select sum(1000000 - credits) from user_credits"))
            .Should().Equal((ledgerIds.Count + unknown.Count).ToString(null as IFormatProvider));
        (await database.AuditAsync()).Should().BeEmpty();
    }

    private static async Task<long> SpendAsync(LedgerDatabase database, Guid user, string key, bool reserve)
    {
        if (!reserve)
        {
            var spent = await database.CallAsync(Caller.Server, "consume_credits", new { p_user = user, p_amount = 1L, p_key = key });
            spent.Outcome.Should().Be("ok");
            return spent.Version;
        }

        var reservation = await database.CallAsync(Caller.Server, "reserve_credits", new { p_user = user, p_amount = 1L, p_key = key });
        if (reservation.Outcome == "captured")
        {
            return reservation.Version;
        }

        reservation.Outcome.Should().Be("held");
        var paid = await database.CallAsync(
            Caller.Server,
            "capture_reservation",
            new { p_user = user, p_reservation = reservation.Reservation, p_attempt = reservation.Attempt });
        paid.Outcome.Should().Be("captured");
        return paid.Version;
    }
}
