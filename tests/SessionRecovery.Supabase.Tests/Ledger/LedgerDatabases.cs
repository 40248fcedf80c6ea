using NUnit.Framework;
using SessionRecovery.Testing.Postgres;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>One PostgreSQL for the tests of this process; each test gets a database of its own, made from one that has platform, migrations and a clock that tests can set.</summary>
[SetUpFixture]
internal sealed class LedgerDatabases
{
    private const string Template = "ledger_template";

    private static readonly SemaphoreSlim Gate = new(1);
    private static ThrowAwayPostgres? s_server;
    private static int s_count;

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (s_server is not null)
        {
            await s_server.DisposeAsync();
        }
    }

    /// <summary>Makes a database; on CI the test fails where PostgreSQL is missing, elsewhere it is skipped.</summary>
    public static async Task<(ThrowAwayPostgres Server, string Database)> CreateAsync()
    {
        if (ThrowAwayPostgres.WhyNot is { } reason)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(reason);
            }

            Assert.Ignore(reason);
        }

        await Gate.WaitAsync();
        try
        {
            s_server ??= await StartAsync();
            var database = $"ledger_{++s_count}";
            await s_server.CreateDatabaseAsync(database, Template);
            return (s_server, database);
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task<ThrowAwayPostgres> StartAsync()
    {
        var server = await ThrowAwayPostgres.StartAsync();
        await server.CreateDatabaseAsync(Template);
        await server.ApplySupabasePlatformAsync(Template);
        foreach (var (_, sql) in Migrations())
        {
            await server.ExecuteAsync(sql, Template, "postgres");
        }

        await server.ExecuteAsync(
            """
            CREATE SCHEMA test_clock;
            GRANT USAGE ON SCHEMA test_clock TO PUBLIC;
            CREATE TABLE test_clock.clock (at timestamptz NOT NULL);
            GRANT SELECT ON test_clock.clock TO PUBLIC;
            INSERT INTO test_clock.clock VALUES ('2026-03-01 12:00:00Z');
            CREATE OR REPLACE FUNCTION session_recovery.now() RETURNS timestamptz LANGUAGE sql VOLATILE SET search_path = '' AS $$ SELECT at FROM test_clock.clock $$;
            """,
            Template);
        return server;
    }

    private static IEnumerable<(string Name, string Sql)> Migrations()
    {
        var assembly = typeof(SupabaseOptions).Assembly;
        foreach (var name in Supabase.Internal.SupabaseMigrations.Names)
        {
            using var stream = assembly.GetManifestResourceStream($"Supabase.Migrations/{name}.sql")!;
            using var reader = new StreamReader(stream);
            yield return (name, reader.ReadToEnd());
        }
    }
}
