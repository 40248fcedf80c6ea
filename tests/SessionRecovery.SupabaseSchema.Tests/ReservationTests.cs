using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Tests the functions for reservations with a clock that the test controls.</summary>
[TestFixture]
internal sealed class ReservationTests : LedgerFixture
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    [SetUp]
    public async Task Initialize_an_account()
    {
        await Advance(TimeSpan.Zero);
        await Initialize(Ada);
    }

    [Test]
    public async Task Held_credits_cannot_be_consumed()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");

        var refusal = await Consume(Ada, 41, "k");

        (refusal.Outcome, refusal.Available).Should().Be(("insufficient", 40L));
        (await Consume(Ada, 40, "k")).Outcome.Should().Be("ok");
    }

    [Test]
    public async Task Reservation_lowers_available_credits_and_its_capture_is_one_version()
    {
        var reservation = await Reserve(Ada, 60, "h");
        (reservation.Outcome, reservation.Attempt, reservation.Replayed).Should().Be(("held", 1, false));
        (reservation.Available, reservation.Held, reservation.Version, reservation.HoldExpiresIn).Should().Be((40L, 60L, 2L, 10.0));

        var paid = await Capture(Ada, reservation);
        (paid.Outcome, paid.Replayed, paid.Available, paid.Held, paid.Version, paid.HoldExpiresIn)
            .Should().Be(("captured", false, 40L, 0L, 3L, (double?)null));
        (await Database.QueryAsync("select concat_ws(' ', version, kind, amount, held_delta, balance_after, idempotency_key) " +
            "from credit_ledger order by id"))
            .Should().Equal("1 init 100 0 100", "2 hold 0 60 100", "3 capture -60 -60 40 h");
    }

    [Test]
    public async Task Partial_capture_returns_the_rest_in_the_same_version()
    {
        var reservation = await Reserve(Ada, 60, "h");

        (await CaptureAs(reservation, 61)).Outcome.Should().Be("exceeds_hold");
        var paid = await CaptureAs(reservation, 20);

        (paid.Outcome, paid.Available, paid.Held, paid.Version).Should().Be(("captured", 80L, 0L, 3L));
        (await CaptureAs(reservation, 20))
            .Should().Match<FunctionResult>(repeat => repeat.Replayed && repeat.Available == 80, "a repeat returns the first outcome");
        (await CaptureAs(reservation, null)).Replayed.Should().BeTrue("a capture of the whole reservation names no amount");
        (await CaptureAs(reservation, 60)).Outcome.Should().Be("key_conflict");
        (await Database.QueryAsync("select concat_ws(' ', kind, amount, held_delta, balance_after, idempotency_key) " +
            "from credit_ledger order by id desc limit 1")).Should().Equal("capture -20 -60 80 h");
        (await Database.QueryAsync("select concat_ws(' ', action, credits) from usage_logs order by id desc limit 1"))
            .Should().Equal("capture -20");
    }

    [Test]
    public async Task Capture_of_nothing_returns_the_whole_hold()
    {
        var reservation = await Reserve(Ada, 60, "h");

        await ShouldFail(() => CaptureAs(reservation, -1), "22023");
        var free = await CaptureAs(reservation, 0, Response(200, "AAAA"));

        (free.Outcome, free.Available, free.Held, free.Version).Should().Be(("captured", 100L, 0L, 3L));
        (await Database.QueryAsync("select concat_ws(' ', kind, amount, held_delta) from credit_ledger order by id desc limit 1"))
            .Should().Equal("release 0 -60");
        (await Reserve(Ada, 60, "h")).Json.GetProperty("response").GetProperty("body").GetString().Should().Be("AAAA");
    }

    [Test]
    public async Task Capture_stores_the_response_and_its_body_for_a_day()
    {
        var body = Convert.ToBase64String(Enumerable.Range(0, 1048576).Select(i => (byte)(i * 7)).ToArray());
        var reservation = await Reserve(Ada, 60, "h", fingerprint: "f");
        await CaptureAs(reservation, null, Response(201, body));

        await Advance(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        var repeat = await Reserve(Ada, 60, "h", Guid.NewGuid(), "f");
        (repeat.Outcome, repeat.Reservation, repeat.Attempt).Should().Be(("captured", reservation.Reservation, 1));
        repeat.Json.GetProperty("response").GetProperty("body").GetString().Should().Be(body, "the stored body contains no line breaks");

        await Advance(TimeSpan.FromMicroseconds(1));
        var late = (await Reserve(Ada, 60, "h", fingerprint: "f")).Json.GetProperty("response");
        late.GetProperty("status").GetInt32().Should().Be(201);
        late.GetProperty("body").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Test]
    public async Task Later_captures_and_the_sweep_clear_day_old_bodies()
    {
        for (var i = 0; i < 6; i++)
        {
            await CaptureAs(await Reserve(Ada, 1, $"old{i}"), null, Response(200, "AAAA"));
        }

        await Advance(TimeSpan.FromHours(24));
        await CaptureAs(await Reserve(Ada, 1, "new"), null, Response(200, "AAAA"));
        (await Bodies()).Should().Equal("3");
        await Call("expire_reservations");
        (await Bodies()).Should().Equal("1");

        Task<IReadOnlyList<string>> Bodies() =>
            Database.QueryAsync("select count(*) from credit_reservations where response_body is not null");
    }

    [Test]
    public async Task Day_old_responses_keep_the_location_of_paid_results_only()
    {
        foreach (var (key, amount, body) in new[] { ("paid", 1, "AAAA"), ("free", 0, "AAAA"), ("no body", 0, null) })
        {
            await CaptureAs(await Reserve(Ada, amount, key), null, Response(200, body, "/result", new { ETag = "1" }));
        }

        await Advance(TimeSpan.FromHours(24));
        var late = await Reserve(Ada, 0, "free");
        late.Outcome.Should().Be("captured");
        late.Json.GetProperty("response").GetProperty("location").ValueKind.Should().Be(JsonValueKind.Null);
        late.Json.GetProperty("response").GetProperty("headers").ValueKind.Should().Be(JsonValueKind.Null);
        await CaptureAs(await Reserve(Ada, 1, "new"), null, Response(204, null));

        (await Database.QueryAsync("select concat_ws(' ', idempotency_key, response_status, response_location) from credit_reservations "
            + "where coalesce(response_headers::text, response_body::text) is null order by created_at, idempotency_key"))
            .Should().Equal("free 200", "no body 200", "paid 200 /result", "new 204");
    }

    [Test]
    public async Task Reservations_without_a_price_are_deleted_after_a_week()
    {
        for (var i = 0; i < 3; i++)
        {
            await CaptureAs(await Reserve(Ada, 0, $"captured{i}"), null, Response(200, "AAAA"));
            await Release(Ada, await Reserve(Ada, 0, $"released{i}"));
            await Reserve(Bob, 0, $"expired{i}");
        }

        await CaptureAs(await Reserve(Ada, 1, "paid"), null, Response(200, "AAAA"));
        await Advance(TimeSpan.FromDays(7) - TimeSpan.FromMicroseconds(1));
        await Reserve(Ada, 0, "new1");
        (await Count()).Should().Equal("10");

        await Advance(TenSeconds + TenSeconds);
        await Reserve(Ada, 0, "new2");
        (await Count()).Should().Equal(["7"], "the reservation deleted four of the nine old ones");
        await Call("expire_reservations");

        (await Count()).Should().Equal("2");
        (await Database.QueryAsync("select idempotency_key from credit_reservations where amount > 0")).Should().Equal("paid");
        (await Reserve(Ada, 0, "captured0")).Outcome.Should().Be("held");

        Task<IReadOnlyList<string>> Count() => Database.QueryAsync("select count(*) from credit_reservations where amount = 0");
    }

    [Test]
    public async Task Release_returns_everything_and_may_be_repeated()
    {
        var reservation = await Reserve(Ada, 60, "h");

        (await Release(Ada, reservation)).Should().Match<FunctionResult>(result =>
            result.Outcome == "released" && !result.Replayed && result.Available == 100 && result.Version == 3);
        (await Release(Ada, reservation))
            .Should().Match<FunctionResult>(result => result.Outcome == "released" && result.Replayed && result.Version == 3);
        (await Capture(Ada, reservation)).Outcome.Should().Be("already_closed");
        (await Extend(Ada, reservation)).Outcome.Should().Be("already_closed");
    }

    [Test]
    public async Task Captured_reservation_cannot_be_released_or_extended()
    {
        var reservation = await Reserve(Ada, 60, "h");
        await Capture(Ada, reservation);

        (await Release(Ada, reservation)).Outcome.Should().Be("already_closed");
        (await Extend(Ada, reservation)).Outcome.Should().Be("already_closed");
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task Reservation_expires_and_reads_return_the_version_after_the_expiry()
    {
        await Reserve(Ada, 30, "h1");
        await Reserve(Ada, 20, "h2", seconds: 20);
        await Advance(TenSeconds - TimeSpan.FromMicroseconds(1));
        await ShouldHave(Ada, 50, held: 50, version: 3);

        await Advance(TimeSpan.FromMicroseconds(1));
        await ShouldHave(Ada, 80, held: 20, version: 4);
        (await Balance(Ada)).HoldExpiresIn.Should().Be(10);
        (await Database.QueryAsync("select count(*) from credit_ledger where kind = 'expire'")).Should().Equal("0");

        (await Consume(Ada, 80, "k")).Version.Should().Be(5);
        (await Database.QueryAsync("select version || ' ' || kind from credit_ledger order by version desc limit 2"))
            .Should().Equal("5 consume", "4 expire");
    }

    [Test]
    public async Task Sweep_closes_due_reservations_of_all_users()
    {
        await Initialize(Bob);
        await Reserve(Ada, 30, "h");
        await Reserve(Bob, 30, "h");
        await Advance(TenSeconds);

        (await Call("expire_reservations", new { p_batch = 1 })).Json.GetProperty("users").GetInt32().Should().Be(1);
        (await Call("expire_reservations")).Json.GetProperty("users").GetInt32().Should().Be(1);
        (await Call("expire_reservations")).Json.GetProperty("users").GetInt32().Should().Be(0);

        (await Database.QueryAsync("select held || ' ' || version from user_credits")).Should().Equal("0 3", "0 3");
    }

    [Test]
    public async Task Sweep_closes_due_reservations_without_a_price()
    {
        await Reserve(Ada, 0, "due");
        await Reserve(Bob, 0, "no account");
        await Advance(TenSeconds);
        await Reserve(Ada, 0, "open");

        await Call("expire_reservations");

        (await Database.QueryAsync("select idempotency_key || ' ' || state from credit_reservations order by 1"))
            .Should().Equal("due expired", "no account expired", "open running");
        (await Reserve(Ada, 0, "due")).Outcome.Should().Be("held");
    }

    [Test]
    public async Task Extension_is_no_version_unless_the_reservation_had_expired()
    {
        var reservation = await Reserve(Ada, 60, "h");
        await Advance(TimeSpan.FromSeconds(8));
        (await Extend(Ada, reservation))
            .Should().Match<FunctionResult>(result => result.Outcome == "held" && result.Version == 2 && result.HoldExpiresIn == 10);

        await Advance(TenSeconds);
        (await Extend(Ada, reservation)).Should().Match<FunctionResult>(result =>
            result.Outcome == "held" && result.Version == 4 && result.Held == 60 && result.Attempt == 1);

        await Advance(TenSeconds);
        await Consume(Ada, 41, "k");
        var refusal = await Extend(Ada, reservation);
        (refusal.Outcome, refusal.Required, refusal.Version).Should().Be(("expired", 60L, 6L));
    }

    [Test]
    public async Task Expired_reservation_is_captured_while_the_balance_suffices()
    {
        var paid = await Reserve(Ada, 30, "paid");
        var unpaid = await Reserve(Ada, 60, "unpaid");
        await Advance(TimeSpan.FromHours(2));

        (await Capture(Ada, paid)).Should().Match<FunctionResult>(result =>
            result.Outcome == "captured" && !result.Replayed && result.Available == 70 && result.Held == 0);
        await Consume(Ada, 20, "k");
        var refusal = await Capture(Ada, unpaid);
        (refusal.Outcome, refusal.Required, refusal.Available).Should().Be(("expired", 60L, 50L));
    }

    [Test]
    public async Task Release_after_the_expiry_rules_out_a_late_capture()
    {
        var reservation = await Reserve(Ada, 10, "h");
        await Advance(TenSeconds);

        (await Release(Ada, reservation))
            .Should().Match<FunctionResult>(result => result.Outcome == "released" && result.Replayed && result.Version == 3);
        (await Capture(Ada, reservation)).Outcome.Should().Be("already_closed");
    }

    [Test]
    public async Task Lease_owner_gets_its_own_reservation_back_and_others_wait()
    {
        var leaseOwner = Guid.NewGuid();
        var reservation = await Reserve(Ada, 60, "h", leaseOwner);
        await Advance(TimeSpan.FromSeconds(4));

        (await Reserve(Ada, 60, "h", leaseOwner)).Should().Match<FunctionResult>(result =>
            result.Outcome == "held" && result.Replayed && result.Reservation == reservation.Reservation);
        var other = await Reserve(Ada, 60, "h", Guid.NewGuid());
        (other.Outcome, other.Json.GetProperty("retry_after").GetDouble()).Should().Be(("in_progress", 6.0));
        (await Reserve(Ada, 60, "h")).Outcome.Should().Be("in_progress", "host code is another lease owner");
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task Later_attempt_of_a_key_supersedes_the_earlier_one()
    {
        var slow = await Reserve(Ada, 30, "h", Guid.NewGuid());
        await Advance(TenSeconds);
        var second = await Reserve(Ada, 30, "h", Guid.NewGuid());
        (second.Attempt, second.Reservation).Should().Be((2, slow.Reservation));

        (await Capture(Ada, slow)).Outcome.Should().Be("superseded");
        (await Extend(Ada, slow)).Outcome.Should().Be("superseded");
        (await Release(Ada, slow)).Outcome.Should().Be("superseded");
        (await Capture(Ada, second)).Outcome.Should().Be("captured");
        (await Call("capture_reservation", new { p_user = Ada, p_reservation = second.Reservation, p_attempt = 3 })).Outcome
            .Should().Be("already_closed");
        await ShouldHave(Ada, 70, version: 5);
    }

    [Test]
    public async Task Foreign_reservation_looks_like_a_missing_one()
    {
        await Initialize(Bob);
        var reservation = await Reserve(Ada, 30, "h");

        foreach (var user in new[] { Bob, Guid.NewGuid() })
        {
            (await Capture(user, reservation)).Outcome.Should().Be("already_closed");
            (await Extend(user, reservation)).Outcome.Should().Be("already_closed");
            (await Release(user, reservation)).Outcome.Should().Be("already_closed");
        }

        await ShouldHave(Ada, 70, held: 30, version: 2);
    }

    [Test]
    public async Task Reservation_key_conflicts_with_another_request_or_kind()
    {
        var reservation = await Reserve(Ada, 10, "h", fingerprint: "print");
        await ShouldConflict();
        await Release(Ada, reservation);
        await ShouldConflict();
        await Capture(Ada, await Reserve(Ada, 10, "h", fingerprint: "print"));
        await ShouldConflict();
        await ShouldHave(Ada, 90, version: 5);

        async Task ShouldConflict()
        {
            (await Reserve(Ada, 10, "h", fingerprint: "other")).Outcome.Should().Be("key_conflict");
            (await Reserve(Ada, 10, "h")).Outcome.Should().Be("key_conflict");
            (await Consume(Ada, 10, "h")).Outcome.Should().Be("key_conflict");
        }
    }

    [Test]
    public async Task Reservation_key_without_fingerprint_conflicts_with_another_amount()
    {
        await Release(Ada, await Reserve(Ada, 10, "h"));

        (await Reserve(Ada, 11, "h")).Outcome.Should().Be("key_conflict");
    }

    [Test]
    public async Task Fingerprint_identifies_the_request_at_any_amount()
    {
        var first = await Reserve(Ada, 10, "h", Guid.NewGuid(), "print");
        (await Reserve(Ada, 11, "h", Guid.NewGuid(), "print")).Outcome.Should().Be("in_progress");
        await Release(Ada, first);

        var second = await Reserve(Ada, 11, "h", Guid.NewGuid(), "print");
        await ShouldHave(Ada, 89, held: 11, version: 4);
        await Capture(Ada, second);

        (await Reserve(Ada, 500, "h", Guid.NewGuid(), "print")).Outcome.Should().Be("captured");
        await ShouldHave(Ada, 89, version: 5);
    }

    [Test]
    public async Task Captured_reservation_can_be_refunded()
    {
        await CaptureAs(await Reserve(Ada, 60, "h"), 40);
        var entry = long.Parse((await Database.QueryAsync("select id from credit_ledger where kind = 'capture'")).Single(), null);

        (await Call("refund_credits", new { p_user = Ada, p_ledger_id = entry, p_amount = 41L, p_key = "r" })).Outcome
            .Should().Be("exceeds_entry");
        (await Call("refund_credits", new { p_user = Ada, p_ledger_id = entry, p_amount = 40L, p_key = "r" })).Available.Should().Be(100);
    }

    private Task<FunctionResult> CaptureAs(FunctionResult reservation, long? amount, JsonElement? response = null) => response is { } stored
        ? Call(
            "capture_reservation",
            new
            {
                p_user = Ada,
                p_reservation = reservation.Reservation,
                p_attempt = reservation.Attempt,
                p_amount = amount,
                p_response = stored,
            })
        : Call(
            "capture_reservation",
            new { p_user = Ada, p_reservation = reservation.Reservation, p_attempt = reservation.Attempt, p_amount = amount });
}
