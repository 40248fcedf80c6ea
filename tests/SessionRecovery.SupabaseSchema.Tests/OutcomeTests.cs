using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the outcomes of all ledger functions except the functions for reservations.</summary>
[TestFixture]
internal sealed class OutcomeTests : LedgerFixture
{
    private static readonly string[] BalanceMembers =
        ["as_of", "available", "held", "hold_expires_in", "incarnation", "outcome", "version"];

    [Test]
    public async Task Missing_account_is_an_outcome_without_a_balance()
    {
        (await Balance(Ada)).Names.Should().Equal("outcome");
        (await Balance(Ada)).Outcome.Should().Be("not_initialized");
        (await CallAs(Ada, "get_my_credits")).Outcome.Should().Be("not_initialized");
        (await Consume(Ada, 1, "k")).Outcome.Should().Be("not_initialized");
        (await Reserve(Ada, 1, "h")).Outcome.Should().Be("not_initialized");
        (await Call("refund_credits", new { p_user = Ada, p_ledger_id = 1L, p_amount = 1L, p_key = "r" })).Outcome
            .Should().Be("not_initialized");
        (await Adjust(Ada, 1, "a")).Outcome.Should().Be("not_initialized");
    }

    [Test]
    public async Task Account_is_initialized_once_by_the_user_or_the_server()
    {
        var first = await CallAs(Ada, "initialize_my_credits");
        var second = await Initialize(Ada);

        (first.Outcome, first.Created, first.Replayed, first.Available, first.Version).Should().Be(("ok", true, false, 100L, 1L));
        (second.Outcome, second.Created, second.Replayed, second.Available, second.Version).Should().Be(("ok", false, true, 100L, 1L));
        (await Balance(Bob)).Outcome.Should().Be("not_initialized");
    }

    [Test]
    public async Task Account_is_not_initialized_without_an_initial_amount()
    {
        await Database.ExecuteAsync("select session_recovery.set_initial_amount(null)");

        (await Initialize(Ada)).Outcome.Should().Be("not_initialized");
        (await CallAs(Ada, "initialize_my_credits")).Outcome.Should().Be("not_initialized");

        await Database.ExecuteAsync("select session_recovery.set_initial_amount(7)");
        (await CallAs(Ada, "initialize_my_credits")).Available.Should().Be(7);
    }

    [Test]
    public async Task Balance_includes_its_time_and_incarnation()
    {
        await Initialize(Ada);

        var mine = await CallAs(Ada, "get_my_credits");

        mine.Names.Should().Equal(BalanceMembers);
        (await Balance(Ada)).Names.Should().Equal(BalanceMembers);
        DateTimeOffset.Parse(mine.Json.GetProperty("as_of").GetString()!, null).Offset.Should().Be(TimeSpan.Zero);
        mine.HoldExpiresIn.Should().BeNull();

        var before = mine.Json.GetProperty("incarnation").GetString();
        before.Should().NotBeNullOrEmpty();
        await Database.ExecuteAsync("select session_recovery.renew_incarnation()");
        (await Balance(Ada)).Json.GetProperty("incarnation").GetString().Should().NotBe(before);
    }

    [Test]
    public async Task Charge_is_one_version_and_one_ledger_entry()
    {
        await Initialize(Ada);

        var metadata = JsonSerializer.SerializeToElement(new { track = 7 });
        var spent = await Call(
            "consume_credits",
            new { p_user = Ada, p_amount = 30L, p_key = "k", p_reason = "a song", p_metadata = metadata });

        (spent.Outcome, spent.Replayed, spent.Available, spent.Version).Should().Be(("ok", false, 70L, 2L));
        spent.Names.Should().BeEquivalentTo([.. BalanceMembers, "ledger_id", "replayed"]);
        (await Database.QueryAsync($"select concat_ws(' ', version, kind, amount, balance_after, idempotency_key, actor, reason, " +
            $"metadata) from credit_ledger where id = {spent.LedgerId}"))
            .Should().Equal("""2 consume -30 70 k service_role a song {"track": 7}""");
        (await Database.QueryAsync("select concat_ws(' ', user_id, action, credits, ledger_id) from usage_logs order by id"))
            .Should().Equal($"{Ada} init 100 1", $"{Ada} consume -30 {spent.LedgerId}");
    }

    [Test]
    public async Task Repeated_key_returns_the_first_entry_or_a_conflict()
    {
        await Initialize(Ada);
        var first = await Consume(Ada, 60, "k");

        var repeat = await Consume(Ada, 60, "k");

        (repeat.Outcome, repeat.Replayed, repeat.LedgerId, repeat.Available)
            .Should().Be(("ok", true, first.LedgerId, 40L), "a repeat is replayed even when the balance no longer suffices");
        (await Consume(Ada, 61, "k")).Outcome.Should().Be("key_conflict");
        (await Reserve(Ada, 60, "k")).Outcome.Should().Be("key_conflict");
        (await Call("grant_credits", new { p_user = Ada, p_amount = 60L, p_key = "k" })).Outcome.Should().Be("key_conflict");
        await ShouldHave(Ada, 40, version: 2);
    }

    [Test]
    public async Task Rejected_charge_changes_nothing_and_keeps_its_key_unused()
    {
        await Initialize(Ada);

        var refusal = await Consume(Ada, 101, "k");

        (refusal.Outcome, refusal.Required, refusal.Available).Should().Be(("insufficient", 101L, 100L));
        (await Consume(Ada, 9007199254740991, "k")).Outcome.Should().Be("insufficient");
        await ShouldHave(Ada, 100, version: 1);
        (await Consume(Ada, 5, "k")).Replayed.Should().BeFalse();
    }

    [Test]
    public async Task Grant_has_one_effect_and_cannot_exceed_the_limit()
    {
        await Initialize(Ada);
        var granted = await Call("grant_credits", new { p_user = Ada, p_amount = 50L, p_key = "g", p_reason = "order 7" });
        var repeat = await Call("grant_credits", new { p_user = Ada, p_amount = 50L, p_key = "g" });

        (granted.Outcome, granted.Replayed, granted.Available).Should().Be(("ok", false, 150L));
        (repeat.Outcome, repeat.Replayed, repeat.LedgerId).Should().Be(("ok", true, granted.LedgerId));
        (await Call("grant_credits", new { p_user = Ada, p_amount = 51L, p_key = "g" })).Outcome.Should().Be("key_conflict");
        (await Call("grant_credits", new { p_user = Ada, p_amount = 9007199254740991L, p_key = "g2" })).Outcome
            .Should().Be("exceeds_limit");
        await ShouldHave(Ada, 150, version: 2);
    }

    [Test]
    public async Task Grant_opens_an_account_with_or_without_an_initial_amount()
    {
        var opened = await Call("grant_credits", new { p_user = Ada, p_amount = 50L, p_key = "g" });
        (opened.Outcome, opened.Created, opened.Available, opened.Version).Should().Be(("ok", true, 150L, 2L));

        await Database.ExecuteAsync("select session_recovery.set_initial_amount(null)");
        var withoutAmount = await Call("grant_credits", new { p_user = Bob, p_amount = 50L, p_key = "g" });
        (withoutAmount.Outcome, withoutAmount.Created, withoutAmount.Available, withoutAmount.Version).Should().Be(("ok", true, 50L, 2L));
        (await Database.QueryAsync("select concat_ws(' ', action, credits) from usage_logs")).Should().BeEmpty("a grant is no activity");
    }

    [Test]
    public async Task Adjustment_names_its_actor_and_reason()
    {
        await Initialize(Ada);

        var adjusted = await Adjust(Ada, -30, "a");

        (adjusted.Outcome, adjusted.Replayed, adjusted.Available).Should().Be(("ok", false, 70L));
        (await Database.QueryAsync($"select concat_ws(' ', kind, amount, idempotency_key, actor, reason) from credit_ledger where id = "
            + adjusted.LedgerId)).Should().Equal("adjust -30 a eve goodwill");
        (await Adjust(Ada, -71, "a2")).Outcome.Should().Be("insufficient");
        (await Adjust(Ada, -30, "a")).Replayed.Should().BeTrue();
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task Refunds_never_exceed_their_entry()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var spent = await Consume(Ada, 30, "k");
        var grant = await Call("grant_credits", new { p_user = Ada, p_amount = 5L, p_key = "g" });

        var part = await Refund(Ada, spent.LedgerId, 20, "r1");
        (part.Outcome, part.Replayed, part.Available).Should().Be(("ok", false, 95L));
        (await Refund(Ada, spent.LedgerId, 20, "r1")).Replayed.Should().BeTrue();
        (await Refund(Ada, spent.LedgerId, 10, "r1")).Outcome.Should().Be("key_conflict");
        var more = await Refund(Ada, spent.LedgerId, 11, "r2");
        (more.Outcome, more.Json.GetProperty("refundable").GetInt64()).Should().Be(("exceeds_entry", 10L));
        (await Refund(Ada, spent.LedgerId, 10, "r2")).Outcome.Should().Be("ok");
        (await Refund(Ada, spent.LedgerId, 1, "r3")).Outcome.Should().Be("exceeds_entry");

        (await Refund(Ada, grant.LedgerId, 1, "r4")).Outcome.Should().Be("no_such_entry", "a grant cannot be refunded");
        (await Refund(Bob, spent.LedgerId, 1, "r5")).Outcome.Should().Be("no_such_entry", "the row of another user is reported as missing");
        await ShouldHave(Ada, 105, version: 5);
    }

    [Test]
    public async Task History_is_paged_newest_first_and_limited_to_the_caller()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        for (var i = 0; i < 5; i++)
        {
            await Consume(Ada, 1, $"k{i}");
        }

        Versions(await CallAs(Ada, "credit_history")).Should().Equal(6, 5, 4, 3, 2, 1);
        var page = await CallAs(Ada, "credit_history", new { p_limit = 4 });
        Versions(page).Should().Equal(6, 5, 4, 3);
        var next = page.Json.GetProperty("next_before_version").GetInt64();
        var rest = await CallAs(Ada, "credit_history", new { p_before_version = next, p_limit = 4 });
        Versions(rest).Should().Equal(2, 1);
        rest.Json.GetProperty("next_before_version").ValueKind.Should().Be(JsonValueKind.Null);
        Versions(await CallAs(Bob, "credit_history")).Should().Equal(1);
        await ShouldFail(() => CallAs(Ada, "credit_history", new { p_limit = 501 }), "22023");
    }

    [Test]
    public async Task History_shows_users_their_own_requests_only()
    {
        await Initialize(Ada);
        await Consume(Ada, 1, "http:click-1");
        await Consume(Ada, 1, "invoice-7");
        await Reserve(Ada, 1, "http:click-2");

        var own = (await CallAs(Ada, "credit_history")).Json.GetProperty("entries");
        own.EnumerateArray().Select(entry => entry.GetProperty("request").GetString()).Should().Equal("click-2", null, "click-1", null);
        own.ToString().Should().NotContainAny("invoice-7", "http:", "actor", "service_role");

        var all = (await Call("user_credit_history", new { p_user = Ada })).Json.GetProperty("entries");
        all.EnumerateArray().Select(entry => entry.GetProperty("idempotency_key").GetString())
            .Should().Equal("http:click-2", "invoice-7", "http:click-1", null);
        (await Call("user_credit_history", new { p_user = Bob })).Json.GetProperty("entries").GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task Active_users_are_distinct_and_have_due_reservations_released()
    {
        await Advance(TimeSpan.Zero);
        await Initialize(Ada);
        await Initialize(Bob);
        await Advance(TimeSpan.FromMinutes(1));
        var since = Now;
        await Consume(Ada, 10, "k");
        await Reserve(Ada, 20, "h");
        await Advance(TimeSpan.FromMinutes(1));

        var all = await Call("active_user_snapshot");
        Users(all).Should().Equal($"{Ada} 90 0 4", $"{Bob} 100 0 1");
        Users(await Call("active_user_snapshot", new { p_limit = 1 })).Should().Equal($"{Ada} 90 0 4");
        Users(await Call("active_user_snapshot", new { p_since = since })).Should().Equal($"{Ada} 90 0 4");
        Users(await Call("active_user_snapshot", new { p_since = Now })).Should().BeEmpty();
        all.Names.Should().Equal("as_of", "incarnation", "outcome", "users");
        await ShouldHave(Ada, 90, version: 4);
        await Consume(Ada, 1, "k2");
        await ShouldHave(Ada, 89, version: 5);
    }

    [Test]
    public async Task Schema_report_lists_the_applied_migrations()
    {
        var report = await Call("session_recovery_schema");

        report.Json.GetProperty("migrations").EnumerateArray()
            .Select(name => name.GetString()).Should().Equal(SqlFiles.Migrations.Select(Path.GetFileNameWithoutExtension));
        report.Json.GetProperty("adopted").GetBoolean().Should().BeFalse();
        report.Json.GetProperty("contracted").GetBoolean().Should().BeTrue();
        report.Json.GetProperty("initial_amount").GetInt64().Should().Be(100);
        report.Json.GetProperty("user_write_paths").GetArrayLength().Should().Be(0);
    }

    [TestCase("consume_credits(null, 1, 'k')")]
    [TestCase("consume_credits('{0}', 0, 'k')")]
    [TestCase("consume_credits('{0}', -1, 'k')")]
    [TestCase("consume_credits('{0}', null, 'k')")]
    [TestCase("consume_credits('{0}', 9007199254740992, 'k')")]
    [TestCase("consume_credits('{0}', 1, null)")]
    [TestCase("consume_credits('{0}', 1, '')")]
    [TestCase("consume_credits('{0}', 1, repeat('x', 256))")]
    [TestCase("consume_credits('{0}', 1, 'k', repeat('x', 201))")]
    [TestCase("consume_credits('{0}', 1, 'k', null, to_jsonb(repeat('x', 4096)))")]
    [TestCase("reserve_credits('{0}', -1, 'k')")]
    [TestCase("reserve_credits('{0}', 1, 'k', repeat('x', 129))")]
    [TestCase("reserve_credits('{0}', 1, 'k', null, 0)")]
    [TestCase("reserve_credits('{0}', 1, 'k', null, 86401)")]
    [TestCase("reserve_credits('{0}', 1, 'k', null, null)")]
    [TestCase("extend_reservation('{0}', '{0}', 0, 10)")]
    [TestCase("extend_reservation('{0}', null, 1, 10)")]
    [TestCase("extend_reservation('{0}', '{0}', 1, 86401)")]
    [TestCase("capture_reservation('{0}', '{0}', 1, -1)")]
    [TestCase("capture_reservation('{0}', '{0}', 1, 1, '{{\"status\": 500}}')")]
    [TestCase("capture_reservation('{0}', '{0}', 1, 1, '{{\"body\": \"\"}}')")]
    [TestCase("capture_reservation('{0}', '{0}', 1, 1, jsonb_build_object('status', 200, 'body', encode(convert_to(repeat('x', 1048577), " +
        "'UTF8'), 'base64')))")]
    [TestCase("release_reservation('{0}', '{0}', null)")]
    [TestCase("expire_reservations(0)")]
    [TestCase("grant_credits('{0}', 0, 'k')")]
    [TestCase("capture_reservation('{0}', '{0}', 1, 1, jsonb_build_object('status', 200, 'headers', jsonb_build_array('ETag')))")]
    [TestCase("capture_reservation('{0}', '{0}', 1, 1, jsonb_build_object('status', 200, 'headers', jsonb_build_object('ETag', repeat('x', "
        + "32768))))")]
    [TestCase("grant_credits('{0}', 1, 'k', repeat('x', 201))")]
    [TestCase("grant_credits('{0}', 1, 'k', E'bell\\x07')")]
    [TestCase("refund_credits('{0}', 1, 1, 'k', repeat('x', 201))")]
    [TestCase("refund_credits('{0}', 1, 9007199254740992, 'k')")]
    [TestCase("adjust_credits('{0}', 0, 'k', 'eve', 'why')")]
    [TestCase("adjust_credits('{0}', null, 'k', 'eve', 'why')")]
    [TestCase("adjust_credits('{0}', -9007199254740992, 'k', 'eve', 'why')")]
    [TestCase("adjust_credits('{0}', (-9223372036854775808)::bigint, 'k', 'eve', 'why')")]
    [TestCase("adjust_credits('{0}', 1, 'k', ' ', 'why')")]
    [TestCase("adjust_credits('{0}', 1, 'k', null, 'why')")]
    [TestCase("adjust_credits('{0}', 1, 'k', repeat('x', 101), 'why')")]
    [TestCase("adjust_credits('{0}', 1, 'k', 'eve', null)")]
    [TestCase("adjust_credits('{0}', 1, 'k', 'eve', E'two\\nlines')")]
    [TestCase("refund_credits('{0}', null, 1, 'k')")]
    [TestCase("refund_credits('{0}', 1, -1, 'k')")]
    [TestCase("initialize_user_credits(null)")]
    [TestCase("get_user_credits(null)")]
    [TestCase("user_credit_history(null)")]
    [TestCase("user_credit_history('{0}', null, 0)")]
    [TestCase("user_credit_history('{0}', null, null)")]
    [TestCase("active_user_snapshot(0)")]
    [TestCase("record_active_users('{{}}')")]
    [TestCase("record_active_users(null)")]
    public async Task Invalid_argument_is_an_error_that_names_it(string call)
    {
        await Initialize(Ada);

        var sql = "select public." + string.Format(null, call, Ada);
        var failure = await ShouldFail(() => Database.QueryAsync(Caller.Server, sql), "22023");

        failure.MessageText.Should().MatchRegex(@"^p_[a-z_]+(\.[a-z_]+)? must [^.]+\.$");
        await ShouldHave(Ada, 100, version: 1);
    }

    private static IEnumerable<long> Versions(FunctionResult history) =>
        history.Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("version").GetInt64());

    private static IEnumerable<string> Users(FunctionResult snapshot) =>
        snapshot.Json.GetProperty("users").EnumerateArray().Select(user =>
            string.Join(' ', new[] { "user_id", "available", "held", "version" }.Select(member => user.GetProperty(member).ToString())));

    private Task<FunctionResult> Adjust(Guid user, long amount, string key) =>
        Call("adjust_credits", new { p_user = user, p_amount = amount, p_key = key, p_actor = "eve", p_reason = "goodwill" });

    private Task<FunctionResult> Refund(Guid user, long entry, long amount, string key) =>
        Call("refund_credits", new { p_user = user, p_ledger_id = entry, p_amount = amount, p_key = key });
}
