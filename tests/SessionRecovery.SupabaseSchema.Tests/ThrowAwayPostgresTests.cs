using System.Diagnostics;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using SessionRecovery.Testing.Postgres;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the temporary PostgreSQL server that the other tests use.</summary>
[TestFixture]
internal sealed class ThrowAwayPostgresTests
{
    [Test]
    public async Task Server_restarts_on_its_port_and_data_after_a_kill()
    {
        await using var postgres = await ThrowAwayPostgres.StartAsync(new PostgresOptions { Durable = true });
        var port = postgres.Port;
        await postgres.ExecuteAsync("create table kept (n integer); insert into kept values (1)");
        await using (var idle = new NpgsqlConnection(postgres.ConnectionString()))
        {
            await idle.OpenAsync();
            postgres.Kill();
        }

        await postgres.StartAgainAsync();
        await postgres.ExecuteAsync("insert into kept values (2)");
        await postgres.StopAsync();
        await postgres.StartAgainAsync();

        postgres.Port.Should().Be(port);
        await postgres.ExecuteAsync("do $$ begin assert (select sum(n) from kept) = 3; end $$");
        postgres.Log.Should().Contain("database system was not properly shut down");
    }

    [Test]
    public async Task Server_listens_on_the_loopback_address_only()
    {
        await Server.Postgres.ExecuteAsync("do $$ begin assert current_setting('listen_addresses') = '127.0.0.1'; end $$");
    }

    [Test]
    public async Task Disposed_server_leaves_no_process_and_no_folder()
    {
        var postgres = await ThrowAwayPostgres.StartAsync();
        var before = Running(postgres.Port);
        before.Should().NotBeEmpty();
        var folder = before[0].Split('\0').SkipWhile(argument => argument != "-D").ElementAt(1);
        Directory.Exists(folder).Should().BeTrue();

        await postgres.DisposeAsync();

        Running(postgres.Port).Should().BeEmpty();
        Directory.Exists(folder).Should().BeFalse();
    }

    private static List<string> Running(int port)
    {
        var lines = new List<string>();
        foreach (var process in Process.GetProcessesByName("postgres"))
        {
            using (process)
            {
                try
                {
                    var line = File.ReadAllText($"/proc/{process.Id}/cmdline");
                    if (line.Contains($"port={port}", StringComparison.Ordinal))
                    {
                        lines.Add(line);
                    }
                }
                catch (IOException)
                {
                    // The process ended while the test checked it.
                }
            }
        }

        return lines;
    }
}
