using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the comments, line length, keyword case and vocabulary of the shipped SQL.</summary>
[TestFixture]
internal sealed partial class SqlStyleTests : LedgerFixture
{
    private const int LineLimit = 140;

    [SetUp]
    public Task Apply_the_optional_migration() => Database.ApplyAsync(SqlFiles.NewUsers);

    [Test]
    public async Task Functions_have_a_comment() =>
        (await Database.QueryAsync(
            """
            select p.oid::regprocedure::text from pg_proc p
            where (p.pronamespace = 'session_recovery'::regnamespace
                    or p.pronamespace = 'public'::regnamespace and p.proowner = 'session_recovery_owner'::regrole)
              and obj_description(p.oid, 'pg_proc') is null
            order by 1
            """)).Should().BeEmpty();

    [Test]
    public async Task Public_function_comments_name_the_caller_arguments_and_outcomes()
    {
        // The argument p_user is not checked, because it is the same in every function. The ids of a reservation are not checked, because
        // they come from the outcome of another function.
        var comments = await Database.QueryAsync(
            """
            select format('%s|%s|%s|%s', p.proname, case when has_function_privilege('authenticated', p.oid, 'EXECUTE')
                then 'authenticated' else 'service_role' end, array_to_string(array(
                    select a.name from unnest(p.proargnames) as a (name) where a.name not in ('p_user', 'p_reservation')), ' '),
                obj_description(p.oid, 'pg_proc'))
            from pg_proc p
            where p.pronamespace = 'public'::regnamespace and p.proowner = 'session_recovery_owner'::regrole
            """);

        comments.Should().HaveCount(22);
        foreach (var parts in comments.Select(line => line.Split('|', 4)))
        {
            parts[3].Should().Contain($"For {parts[1]}", parts[0]).And.MatchRegex("Outcomes?: ", parts[0]);
            parts[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(argument => !parts[3].Contains(argument, StringComparison.Ordinal)).Should().BeEmpty(parts[0]);
        }
    }

    [Test]
    public void Shipped_files_include_every_folder_and_store() =>
        SqlFiles.All.Select(path => Path.GetFileName(Path.GetDirectoryName(path))).Distinct()
            .Should().BeEquivalentTo("Migrations", "Contract", "Optional", "Leaving", "Sqlite");

    [TestCaseSource(typeof(SqlFiles), nameof(SqlFiles.All))]
    public void Lines_have_at_most_140_characters(string path) =>
        File.ReadAllLines(path).Where(line => line.Length > LineLimit).Should().BeEmpty();

    [TestCaseSource(typeof(SqlFiles), nameof(SqlFiles.All))]
    public void Keywords_are_in_lower_case(string path)
    {
        var code = Literal().Replace(LineComment().Replace(File.ReadAllText(path), ""), "''");

        // The shipped SQL has no identifier in upper case, so every word in upper case is a keyword.
        UpperCaseWord().Matches(code).Select(match => match.Value).Should().BeEmpty();
    }

    [TestCaseSource(typeof(SqlFiles), nameof(SqlFiles.All))]
    public void Words_are_those_of_the_glossary(string path) =>
        ForeignWord().Matches(File.ReadAllText(path)).Select(match => match.Value).Should().BeEmpty();

    [TestCaseSource(typeof(SqlFiles), nameof(SqlFiles.All))]
    public void Functions_are_not_built_from_text(string path) =>
        FunctionFromText().Matches(File.ReadAllText(path)).Select(match => match.Value).Should().BeEmpty();

    [GeneratedRegex("--.*")]
    private static partial Regex LineComment();

    [GeneratedRegex("'(?:[^']|'')*'")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b[A-Z]{2,}\b")]
    private static partial Regex UpperCaseWord();

    [GeneratedRegex(
        @"\w*initialis\w*|\b(?:books?|runners?|laps(?:e|es|ed)|refused_turn|keep_ledger|follow_other_sql)\b"
        + @"|\b(?:whoever|nobody|behaviour|colour)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex ForeignWord();

    [GeneratedRegex(@"execute\s+(?:format\()?(?:replace\(|\$\w+\$\s*create)|pg_get_functiondef", RegexOptions.IgnoreCase)]
    private static partial Regex FunctionFromText();
}
