using FluentAssertions;
using NUnit.Framework;
using TestRequirements;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the migrations with the push command, the linter and the advisors of the Supabase command line tool.</summary>
[TestFixture]
internal sealed class CommandLineTests : LedgerFixture
{
    private static CommandLine _tool = null!;

    private string _remote = null!;

    protected override string Template => Server.Platform;

    [OneTimeSetUp]
    public static async Task Install()
    {
        var (tool, reason) = await CommandLine.InstallAsync();
        Requirement.Met(reason);
        _tool = tool!;
    }

    [SetUp]
    public async Task Start_a_project()
    {
        _remote = $"--remote=postgres://{SqlFiles.Role}@127.0.0.1:{Server.Postgres.Port}/{Database.Name}?sslmode=disable";
        Requirement.Met(await Database.QueryAsync("select name from pg_available_extensions where name = 'plpgsql_check'") is []
            ? "The linter needs plpgsql_check (apt-get install postgresql-15-plpgsql-check)."
            : null);
        await Database.ExecuteAsync("create extension plpgsql_check with schema extensions", "supabase_admin");
        await Succeed("init", "--yes", "--force");
    }

    [OneTimeTearDown]
    public static void Remove() => _tool?.Dispose();

    [Test]
    public async Task Migrations_are_pushed_without_findings()
    {
        await Push(SqlFiles.Migrations);

        (await Database.QueryAsync("select version || '_' || name from supabase_migrations.schema_migrations order by version"))
            .Should().Equal(SqlFiles.Migrations.Select(Path.GetFileNameWithoutExtension));
        (await Succeed("db", "lint", _remote, "--level", "warning", "--fail-on", "warning")).Should().Contain("No schema errors found");
        (await Succeed("db", "advisors", _remote, "--type", "all", "--level", "info", "--fail-on", "info"))
            .Should().Contain("No issues found");

        await Initialize(Ada);
        await Consume(Ada, 1, "k");
    }

    [Test]
    public async Task Optional_migrations_are_pushed_without_findings()
    {
        await Push([.. SqlFiles.Migrations, SqlFiles.NewUsers, SqlFiles.Contract]);

        (await Succeed("db", "lint", _remote, "--level", "warning", "--fail-on", "warning")).Should().Contain("No schema errors found");
        (await Succeed("db", "advisors", _remote, "--type", "all", "--level", "info", "--fail-on", "info"))
            .Should().Contain("No issues found");
    }

    [Test]
    public async Task Linter_and_advisors_report_a_deliberate_mistake()
    {
        await Push(SqlFiles.Migrations);
        await Database.ExecuteAsync(
            """
            create table public.open_table (id integer primary key);
            create function public.misspelled() returns bigint language plpgsql set search_path = '' as $$
            begin return (select credit from public.user_credits); end $$;
            """);

        var (lint, sentence) = await _tool.RunAsync("db", "lint", _remote, "--level", "warning", "--fail-on", "warning");
        lint.Should().NotBe(0);
        sentence.Should().Contain("misspelled");
        var (advisors, report) = await _tool.RunAsync("db", "advisors", _remote, "--type", "all", "--level", "info", "--fail-on", "info");
        advisors.Should().NotBe(0);
        report.Should().Contain("rls_disabled_in_public");
    }

    private async Task Push(IReadOnlyList<string> files)
    {
        var folder = Path.Combine(_tool.Folder, "supabase", "migrations");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (var file in files)
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await Succeed("db", "push", _remote, "--yes");
    }

    private static async Task<string> Succeed(params string[] arguments)
    {
        var (code, output) = await _tool.RunAsync(arguments);
        code.Should().Be(0, output);
        return output;
    }
}
