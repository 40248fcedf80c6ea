using System.Reflection;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Compares the grants on tables and functions with the expected grants.</summary>
[TestFixture]
internal sealed class GrantTests : LedgerFixture
{
    private const string Roles = "unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) as r (role)";

    [Test]
    public async Task Tables_are_readable_and_not_writable_by_any_role() => await ShouldBe(
        "tables.txt",
        $"""
        select format('%s.%s %s: %s', n.nspname, c.relname, r.role, coalesce((
            select string_agg(v.verb, ' ' order by v.verb)
            from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) as v (verb)
            where has_table_privilege(r.role, c.oid, v.verb)
               or v.verb in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') and has_any_column_privilege(r.role, c.oid, v.verb)), '-'))
        from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join {Roles}
        where n.nspname in ('public', 'session_recovery') and c.relkind in ('r', 'v', 'm', 'p')
        order by 1
        """);

    [Test]
    public async Task Functions_are_executable_by_their_callers_only() => await ShouldBe(
        "functions.txt",
        $"""
        select format('%s.%s(%s): %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), coalesce((
            select string_agg(r.role, ' ' order by r.role) from {Roles} where has_function_privilege(r.role, p.oid, 'EXECUTE')), '-'))
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'session_recovery')
        order by 1
        """);

    [Test]
    public async Task Tables_have_row_level_security_and_one_policy_each() => await ShouldBe(
        "policies.txt",
        """
        select format('%s rls=%s forced=%s: %s', c.relname, c.relrowsecurity, c.relforcerowsecurity, coalesce((
            select string_agg(format('%s %s to %s using %s check %s', p.polname, p.polcmd, p.polroles::regrole[],
                pg_get_expr(p.polqual, c.oid), coalesce(pg_get_expr(p.polwithcheck, c.oid), '-')), '; ')
            from pg_policy p where p.polrelid = c.oid), '-'))
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        order by 1
        """);

    [Test]
    public async Task Schemas_and_sequences_have_no_other_grants()
    {
        (await Database.QueryAsync($"select r.role || ' ' || n.nspname from pg_namespace n cross join {Roles} " +
            "where n.nspname = 'session_recovery' and has_schema_privilege(r.role, n.oid, 'USAGE') order by 1"))
            .Should().Equal("authenticated session_recovery", "service_role session_recovery");
        (await Database.QueryAsync($"select n.nspname || r.role from pg_namespace n cross join {Roles} " +
            "where n.nspname in ('public', 'session_recovery') and has_schema_privilege(r.role, n.oid, 'CREATE')"))
            .Should().BeEmpty();
        (await Database.QueryAsync($"select c.relname || r.role from pg_class c cross join {Roles} where c.relkind = 'S' " +
            "and c.relnamespace = 'public'::regnamespace and has_sequence_privilege(r.role, c.oid, 'USAGE, SELECT, UPDATE')"))
            .Should().BeEmpty();
    }

    [Test]
    public async Task Owner_role_cannot_log_in_bypass_policies_or_create()
    {
        (await Database.QueryAsync("select concat_ws(' ', rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb) from pg_roles " +
            "where rolname = 'session_recovery_owner'"))
            .Should().Equal("f f f f f");
        (await Database.QueryAsync("select has_schema_privilege('session_recovery_owner', 'public', 'CREATE')")).Should().Equal("False");
        (await Database.QueryAsync("select has_schema_privilege('session_recovery_owner', 'auth', 'USAGE')"))
            .Should().BeEquivalentTo(["False"], "definer functions read the token's claims, never auth.uid()");
    }

    [Test]
    public async Task Functions_have_an_empty_search_path_and_public_ones_timeouts()
    {
        (await Database.QueryAsync(
            """
            select p.oid::regprocedure::text from pg_proc p
            where p.pronamespace in ('public'::regnamespace, 'session_recovery'::regnamespace)
              and (p.proowner <> 'session_recovery_owner'::regrole or not coalesce('search_path=""' = any (p.proconfig), false)
                   or p.pronamespace = 'public'::regnamespace and (p.prosecdef or not 'lock_timeout=2s' = any (p.proconfig)
                       or not (array['statement_timeout=5s', 'statement_timeout=60s'] && p.proconfig)
                       or p.prorettype <> 'jsonb'::regtype or p.proretset))
            """)).Should().BeEmpty();
    }

    private async Task ShouldBe(string expected, string sql)
    {
        var rows = await Database.QueryAsync(sql);
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(expected)!);
        var text = await reader.ReadToEndAsync();
        string.Join('\n', rows).Should().Be(text.TrimEnd('\n'));
    }
}
