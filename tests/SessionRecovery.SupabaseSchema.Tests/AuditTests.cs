using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>What the audit says about what got past the functions and the tables' own rules.</summary>
[TestFixture]
internal sealed class AuditTests
{
    private static readonly Guid Ada = Guid.Parse("00000000-0000-4000-8000-00000000000a");

    [TestCase("update user_credits set credits = credits + 1 where true", "credits differ from the sum of the ledger")]
    [TestCase("update user_credits set held = held + 1 where true", "held credits differ from the sum of the open holds")]
    [TestCase("update user_credits set held = held - 1 where true", "held credits differ from the sum of the ledger")]
    [TestCase("alter table user_credits drop constraint user_credits_check; update user_credits set held = 1000 where true", "less than nothing is available")]
    [TestCase("update user_credits set version = version + 1 where true", "end elsewhere than the account")]
    [TestCase("update user_credits set next_hold_expiry = null where true", "next expiry of a hold is not the earliest")]
    [TestCase("delete from user_credits where true", "an account and its ledger are not both there")]
    [TestCase("delete from credit_ledger where kind = 'consume'", "versions of the ledger have a gap")]
    [TestCase("delete from credit_ledger where true", "an account and its ledger are not both there")]
    [TestCase("update credit_ledger set balance_after = balance_after + 1 where kind = 'consume'", "balance does not follow from the row before")]
    [TestCase("update credit_ledger set refers_to = null where kind = 'capture'", "another number of ending rows than one")]
    [TestCase("update credit_ledger set refers_to = 1 where kind = 'capture'", "ends a hold that there is not")]
    [TestCase("update credit_reservations set amount = 4 where state = 'held'", "another hold than its ledger row says")]
    [TestCase("update credit_reservations set state = 'released' where state = 'held'", "another number of ending rows than one")]
    [TestCase("update credit_reservations set state = 'expired', captured = 0 where state = 'captured'", "another number of capture rows than one")]
    [TestCase("update credit_reservations set captured = 19 where state = 'captured'", "or another amount")]
    [TestCase("update credit_ledger set amount = 100 where kind = 'refund'", "refunded with more than it took")]
    public async Task It_says_what_was_tampered_with(string sql, string fault)
    {
        await using var database = await LedgerDatabase.CreateAsync();
        await database.CallAsync(Caller.Server, "initialize_user_credits", new { p_user = Ada });
        var spent = await database.CallAsync(Caller.Server, "consume_credits", new { p_user = Ada, p_amount = 10L, p_key = "spent" });
        await database.CallAsync(Caller.Server, "refund_credits", new { p_user = Ada, p_ledger_id = spent.LedgerId, p_amount = 5L, p_key = "back" });
        var paid = await database.CallAsync(Caller.Server, "reserve_credits", new { p_user = Ada, p_amount = 20L, p_key = "paid" });
        await database.CallAsync(Caller.Server, "capture_reservation", new { p_user = Ada, p_reservation = paid.Reservation, p_attempt = 1 });
        await database.CallAsync(Caller.Server, "reserve_credits", new { p_user = Ada, p_amount = 5L, p_key = "open" });
        (await database.AuditAsync()).Should().BeEmpty();

        await database.ExecuteAsync("set session_replication_role = replica;" + sql, "supabase_admin");

        (await database.AuditAsync()).Should().Contain(sentence => sentence.Contains(fault, StringComparison.Ordinal)).And.OnlyContain(sentence => sentence.EndsWith('.'));
    }
}
