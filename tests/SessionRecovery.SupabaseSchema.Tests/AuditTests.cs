using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests that the audit finds rows that were changed without the functions, triggers and constraints of the ledger.</summary>
[TestFixture]
internal sealed class AuditTests
{
    private static readonly Guid Ada = Guid.Parse("00000000-0000-4000-8000-00000000000a");

    [TestCase("update user_credits set credits = credits + 1 where true", "Credits differ from the sum of the ledger")]
    [TestCase("update user_credits set held = held + 1 where true", "Held credits differ from the sum of the open reservations")]
    [TestCase("update user_credits set held = held - 1 where true", "Held credits differ from the sum of the ledger")]
    [TestCase(
        "alter table user_credits drop constraint user_credits_check; update user_credits set held = 1000 where true",
        "Held or available credits are negative")]
    [TestCase("update user_credits set version = version + 1 where true", "do not end at the version of the account")]
    [TestCase("update user_credits set next_hold_expiry = null where true", "next expiry of an account is not the earliest")]
    [TestCase("delete from user_credits where true", "The ledger of a deleted account does not end at zero")]
    [TestCase("delete from credit_ledger where kind = 'consume'", "versions of the ledger have a gap")]
    [TestCase("delete from credit_ledger where true", "An account has no ledger entry")]
    [TestCase("update credit_ledger set balance_after = balance_after + 1 where kind = 'consume'", "does not follow from the entry before")]
    [TestCase("update credit_ledger set refers_to = null where kind = 'capture'", "or a closed one does not have exactly one")]
    [TestCase("update credit_ledger set refers_to = 1 where idempotency_key = 'paid'", "closes a reservation that does not exist")]
    [TestCase("update credit_reservations set amount = 4 where state = 'held'", "differs from its ledger entry")]
    [TestCase("update credit_reservations set state = 'released' where state = 'held'", "or a closed one does not have exactly one")]
    [TestCase(
        "update credit_reservations set state = 'expired', captured = 0 where state = 'captured'",
        "not have exactly one capture entry")]
    [TestCase("update credit_reservations set captured = 19 where idempotency_key = 'paid'", "capture entry of its amount")]
    [TestCase("update credit_ledger set amount = -21 where kind = 'capture'", "A capture charges nothing, or more than its hold")]
    [TestCase("update credit_ledger set amount = 0 where kind = 'capture'", "A capture charges nothing, or more than its hold")]
    [TestCase("update credit_reservations set captured = 0 where state = 'captured'", "capture entry of its amount")]
    [TestCase("update credit_ledger set amount = 100 where kind = 'refund'", "refunds of a ledger entry exceed its amount")]
    [TestCase("update credit_ledger set refers_to = 1 where kind = 'refund'", "does not refer to a charge of the same user")]
    [TestCase("update credit_ledger set idempotency_key = null where kind = 'refund'", "does not add credits, or has no key")]
    [TestCase("update credit_ledger set amount = -1 where kind = 'grant'", "A grant or a refund does not add credits")]
    [TestCase("update credit_ledger set actor = null where kind = 'adjust'", "An adjustment with a key has no actor or no reason")]
    public async Task Audit_reports_each_kind_of_tampering(string sql, string fault)
    {
        await using var database = await LedgerDatabase.CreateAsync();
        await database.CallAsync(Caller.Server, "initialize_user_credits", new { p_user = Ada });
        var spent = await database.CallAsync(Caller.Server, "consume_credits", new { p_user = Ada, p_amount = 10L, p_key = "spent" });
        await database.CallAsync(
            Caller.Server,
            "refund_credits",
            new { p_user = Ada, p_ledger_id = spent.LedgerId, p_amount = 5L, p_key = "back" });
        await database.CallAsync(Caller.Server, "grant_credits", new { p_user = Ada, p_amount = 5L, p_key = "bought" });
        await database.CallAsync(
            Caller.Server,
            "adjust_credits",
            new { p_user = Ada, p_amount = 1L, p_key = "adjusted", p_actor = "eve", p_reason = "goodwill" });
        var paid = await database.CallAsync(Caller.Server, "reserve_credits", new { p_user = Ada, p_amount = 20L, p_key = "paid" });
        await database.CallAsync(
            Caller.Server,
            "capture_reservation",
            new { p_user = Ada, p_reservation = paid.Reservation, p_attempt = 1 });
        var settled = await database.CallAsync(Caller.Server, "reserve_credits", new { p_user = Ada, p_amount = 9L, p_key = "settled" });
        await database.CallAsync(
            Caller.Server,
            "capture_reservation",
            new { p_user = Ada, p_reservation = settled.Reservation, p_attempt = 1, p_amount = 4L });
        await database.CallAsync(Caller.Server, "reserve_credits", new { p_user = Ada, p_amount = 5L, p_key = "open" });
        (await database.AuditAsync()).Should().BeEmpty();

        await database.ExecuteAsync("set session_replication_role = replica;" + sql, "supabase_admin");

        (await database.AuditAsync()).Should().Contain(sentence => sentence.Contains(fault, StringComparison.Ordinal))
            .And.OnlyContain(sentence => Regex.IsMatch(sentence, "\\(violations: [1-9][0-9]*; first user: [0-9a-f-]{36}\\)\\.$"));
    }
}
