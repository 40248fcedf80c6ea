using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    private static readonly StoredResponse Answer = new(201, "application/json", "/things/7", "{\"n\":7}"u8.ToArray());

    [Test]
    public async Task A_hold_takes_from_what_is_available_and_says_when_it_ends()
    {
        await Initialize(Ada);

        var hold = await Reserve(Ada, 60, "h");

        hold.Status.Should().Be(CreditCommandStatus.Done);
        hold.Replayed.Should().BeFalse();
        hold.ReservationId.Should().NotBeNull();
        hold.Attempt.Should().Be(1);
        hold.Balance!.HoldExpiresIn.Should().Be(TenSeconds);
        await ShouldHave(Ada, 40, held: 60, version: 2);

        LetPass(TimeSpan.FromSeconds(4));
        (await Read(Ada)).Balance!.HoldExpiresIn.Should().Be(TimeSpan.FromSeconds(6));
    }

    [Test]
    public async Task A_hold_that_is_not_covered_is_refused_without_a_trace()
    {
        await Initialize(Ada);

        var refusal = await Reserve(Ada, 101, "h");

        refusal.Status.Should().Be(CreditCommandStatus.Insufficient);
        refusal.Required.Should().Be(101);
        refusal.ReservationId.Should().BeNull();
        await ShouldHave(Ada, 100, version: 1);
        (await Consume(Ada, 1, "h")).Status.Should().Be(CreditCommandStatus.Done, "a refusal does not use up its key");
    }

    [Test]
    public async Task A_captured_hold_is_paid_in_one_change()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");

        var paid = await Capture(Ada, hold);

        paid.Status.Should().Be(CreditCommandStatus.Done);
        paid.Replayed.Should().BeFalse();
        paid.ReservationId.Should().Be(hold.ReservationId);
        paid.Balance!.HoldExpiresIn.Should().BeNull();
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_released_hold_gives_everything_back()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");

        (await Release(Ada, hold)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed);
        await ShouldHave(Ada, 100, version: 3);

        (await Release(Ada, hold)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Replayed);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task A_hold_ends_by_itself_at_its_time_and_every_read_sees_it()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");

        LetPass(TenSeconds - TimeSpan.FromMicroseconds(1));
        await ShouldHave(Ada, 40, held: 60, version: 2);

        LetPass(TimeSpan.FromMicroseconds(1));
        await ShouldHave(Ada, 100, version: 3);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task Holds_that_are_due_count_as_released_at_every_spend()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h1");
        await Reserve(Ada, 30, "h2");
        LetPass(TenSeconds);

        (await Consume(Ada, 100, "k")).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 0, version: 6);
    }

    [Test]
    public async Task A_hold_that_is_renewed_lasts_and_renewing_is_no_new_version()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");
        for (var i = 0; i < 5; i++)
        {
            LetPass(TimeSpan.FromSeconds(8));
            (await Extend(Ada, hold)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Balance!.HoldExpiresIn == TenSeconds);
        }

        await ShouldHave(Ada, 40, held: 60, version: 2);
        LetPass(TenSeconds);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task Renewing_after_the_lapse_holds_again_while_the_balance_suffices()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");
        LetPass(TenSeconds);

        (await Extend(Ada, hold)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Attempt == 1);
        await ShouldHave(Ada, 40, held: 60, version: 4);

        LetPass(TenSeconds);
        await Consume(Ada, 41, "k");
        var refusal = await Extend(Ada, hold);
        refusal.Status.Should().Be(CreditCommandStatus.Expired);
        refusal.Required.Should().Be(60);
        await ShouldHave(Ada, 59, version: 6);
    }

    [Test]
    public async Task Work_that_ended_after_its_hold_lapsed_is_paid_if_the_balance_suffices()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");
        LetPass(TimeSpan.FromHours(2));
        await ShouldHave(Ada, 100, version: 3);

        (await Capture(Ada, hold, Answer)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed);

        await ShouldHave(Ada, 40, version: 4);
        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
    }

    [Test]
    public async Task Work_that_ended_after_its_hold_lapsed_is_not_paid_from_what_is_not_there()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");
        LetPass(TenSeconds);
        await Consume(Ada, 50, "k");

        var refusal = await Capture(Ada, hold);

        refusal.Status.Should().Be(CreditCommandStatus.Expired);
        refusal.Required.Should().Be(60);
        await ShouldHave(Ada, 50, version: 4);
    }

    [Test]
    public async Task A_repeated_capture_gets_the_first_answer_and_pays_once()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");
        await Capture(Ada, hold, Answer);

        var repeat = await Capture(Ada, hold, new StoredResponse(200, "text/plain", null, "another"u8.ToArray()));

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Replayed.Should().BeTrue();
        ShouldBe(repeat.Response, Answer);
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_key_that_was_paid_answers_with_what_was_stored_and_pays_once()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 60, "h", Guid.NewGuid(), "print"), Answer);
        await _underTest.ReopenAsync();

        var repeat = await Reserve(Ada, 60, "h", Guid.NewGuid(), "print");

        repeat.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        repeat.Succeeded.Should().BeTrue();
        ShouldBe(repeat.Response, Answer);
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_key_that_was_paid_without_an_answer_answers_without_one()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 60, "none"));
        await Capture(Ada, await Reserve(Ada, 10, "streamed"), new StoredResponse(200, "audio/wav", null, null));
        await Capture(Ada, await Reserve(Ada, 10, "empty"), new StoredResponse(204, null, null, []));

        (await Reserve(Ada, 60, "none")).Response.Should().BeNull();
        ShouldBe((await Reserve(Ada, 10, "streamed")).Response, new StoredResponse(200, "audio/wav", null, null));
        ShouldBe((await Reserve(Ada, 10, "empty")).Response, new StoredResponse(204, null, null, []));
    }

    [Test]
    public async Task A_stored_body_is_kept_for_a_day_and_the_rest_of_the_answer_longer()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 60, "h"), Answer);

        LetPass(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        ShouldBe((await Reserve(Ada, 60, "h")).Response, Answer);

        LetPass(TimeSpan.FromMicroseconds(1));
        var late = await Reserve(Ada, 60, "h");
        late.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        ShouldBe(late.Response, new StoredResponse(201, "application/json", "/things/7", null));
    }

    [Test]
    public async Task The_largest_body_is_stored_whole()
    {
        await Initialize(Ada);
        var body = new byte[StoredResponse.MaxBodyLength];
        new Random(7).NextBytes(body);
        var answer = new StoredResponse(200, "application/octet-stream", null, body);
        await Capture(Ada, await Reserve(Ada, 1, "h"), answer);

        ShouldBe((await Reserve(Ada, 1, "h")).Response, answer);
    }

    [Test]
    public async Task A_key_of_a_hold_conflicts_with_another_amount_request_or_kind()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 10, "h", fingerprint: "print");

        await ShouldConflict();
        await Release(Ada, hold);
        await ShouldConflict();
        var second = await Reserve(Ada, 10, "h", fingerprint: "print");
        await Capture(Ada, second);
        await ShouldConflict();
        await ShouldHave(Ada, 90, version: 5);

        async Task ShouldConflict()
        {
            (await Reserve(Ada, 11, "h", fingerprint: "print")).Status.Should().Be(CreditCommandStatus.KeyConflict);
            (await Reserve(Ada, 10, "h", fingerprint: "other")).Status.Should().Be(CreditCommandStatus.KeyConflict);
            (await Reserve(Ada, 10, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
            (await Consume(Ada, 10, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        }
    }

    [Test]
    public async Task A_key_that_was_spent_can_not_be_held()
    {
        await Initialize(Ada);
        await Consume(Ada, 10, "k");

        (await Reserve(Ada, 10, "k")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 90, version: 2);
    }

    [Test]
    public async Task A_runner_that_lost_the_answer_gets_its_own_hold_back()
    {
        await Initialize(Ada);
        var leaseOwner = Guid.NewGuid();
        var lost = await Reserve(Ada, 60, "h", leaseOwner);
        LetPass(TimeSpan.FromSeconds(5));

        var repeat = await Reserve(Ada, 60, "h", leaseOwner);

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Replayed.Should().BeTrue();
        repeat.ReservationId.Should().Be(lost.ReservationId);
        repeat.Attempt.Should().Be(1);
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task Host_code_that_lost_the_answer_gets_its_own_hold_back()
    {
        await Initialize(Ada);
        var lost = await Reserve(Ada, 60, "h");

        var repeat = await Reserve(Ada, 60, "h");

        repeat.Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Replayed && outcome.ReservationId == lost.ReservationId);
        (await Reserve(Ada, 60, "h", Guid.NewGuid())).Status.Should().Be(CreditCommandStatus.InProgress, "a leaseOwner is not host code");
    }

    [Test]
    public async Task Another_runner_is_told_to_wait_for_what_is_left_of_the_hold()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h", Guid.NewGuid());
        LetPass(TimeSpan.FromSeconds(4));

        var second = await Reserve(Ada, 60, "h", Guid.NewGuid());

        second.Status.Should().Be(CreditCommandStatus.InProgress);
        second.RetryAfter.Should().Be(TimeSpan.FromSeconds(6));
        second.ReservationId.Should().BeNull();
        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.InProgress, "host code is not the leaseOwner");
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task A_key_that_was_released_is_held_again_as_the_next_attempt()
    {
        await Initialize(Ada);
        var first = await Reserve(Ada, 60, "h", Guid.NewGuid());
        await Release(Ada, first);

        var second = await Reserve(Ada, 60, "h", Guid.NewGuid());

        second.Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed && outcome.Attempt == 2);
        second.ReservationId.Should().Be(first.ReservationId, "there is one reservation for a key");
        await ShouldHave(Ada, 40, held: 60, version: 4);
    }

    [Test]
    public async Task The_next_attempt_is_checked_against_the_balance_again()
    {
        await Initialize(Ada);
        await Release(Ada, await Reserve(Ada, 60, "h"));
        await Consume(Ada, 41, "k");

        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.Insufficient);
        await ShouldHave(Ada, 59, version: 4);
    }

    [Test]
    public async Task Of_two_runners_of_one_key_exactly_one_is_paid()
    {
        await Initialize(Ada);
        var slow = await Reserve(Ada, 30, "h", Guid.NewGuid());
        LetPass(TenSeconds);
        var second = await Reserve(Ada, 30, "h", Guid.NewGuid());
        second.Attempt.Should().Be(2);

        (await Capture(Ada, slow, Answer)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Extend(Ada, slow)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Release(Ada, slow)).Status.Should().Be(CreditCommandStatus.Superseded);
        await ShouldHave(Ada, 70, held: 30, version: 4);

        (await Capture(Ada, second, Answer)).Status.Should().Be(CreditCommandStatus.Done);
        (await Capture(Ada, slow, Answer)).Status.Should().Be(CreditCommandStatus.Superseded);
        await ShouldHave(Ada, 70, version: 5);
    }

    [Test]
    public async Task A_runner_whose_hold_lapsed_and_whom_nobody_followed_is_paid_and_the_other_gets_its_answer()
    {
        await Initialize(Ada);
        var slow = await Reserve(Ada, 30, "h", Guid.NewGuid());
        LetPass(TenSeconds);
        (await Capture(Ada, slow, Answer)).Status.Should().Be(CreditCommandStatus.Done);

        var second = await Reserve(Ada, 30, "h", Guid.NewGuid());

        second.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        ShouldBe(second.Response, Answer);
        await ShouldHave(Ada, 70, version: 4);
    }

    [Test]
    public async Task Many_runners_of_one_key_at_once_hold_it_once()
    {
        await Initialize(Ada);

        var outcomes = await AtOnce(16, _ => Reserve(Ada, 60, "h", Guid.NewGuid()));

        outcomes.Count(outcome => outcome.Status == CreditCommandStatus.Done).Should().Be(1);
        outcomes.Count(outcome => outcome.Status == CreditCommandStatus.InProgress).Should().Be(15);
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task Capture_and_release_at_once_end_a_hold_once()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var before = (await Read(Ada)).Balance!;
            var hold = await Reserve(Ada, 5, $"h{round}");

            var outcomes = await AtOnce(8, index => index % 2 == 0 ? Capture(Ada, hold) : Release(Ada, hold));

            var captured = outcomes.Where((_, index) => index % 2 == 0).Count(outcome => outcome.Succeeded);
            captured.Should().BeOneOf(0, 4);
            outcomes.Count(outcome => outcome.Succeeded).Should().Be(4, "either all captures succeed, one of them as the first, or all releases");
            await ShouldHave(Ada, before.Available - (captured == 4 ? 5 : 0), version: before.Version + 2);
        }
    }

    [Test]
    public async Task What_ended_one_way_can_not_end_another_way()
    {
        await Initialize(Ada);
        var captured = await Reserve(Ada, 10, "captured");
        await Capture(Ada, captured);
        var released = await Reserve(Ada, 10, "released");
        await Release(Ada, released);

        (await Release(Ada, captured)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Extend(Ada, captured)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Capture(Ada, released)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Extend(Ada, released)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 90, version: 5);
    }

    [Test]
    public async Task Who_releases_after_the_lapse_gives_up_the_late_capture()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 10, "h");
        LetPass(TenSeconds);

        (await Release(Ada, hold)).Status.Should().Be(CreditCommandStatus.Done);

        (await Capture(Ada, hold)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task A_foreign_reservation_looks_like_a_missing_one_and_stays_as_it_is()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var hold = await Reserve(Ada, 10, "h");
        var nobody = UserNamed("nobody");

        foreach (var thief in new[] { Bob, nobody })
        {
            var missing = new CreditCommandResult(CreditCommandStatus.Done) { ReservationId = Guid.NewGuid(), Attempt = 1 };
            foreach (var target in new[] { hold, missing })
            {
                (await Extend(thief, target)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.AlreadyClosed && outcome.ReservationId == null);
                (await Capture(thief, target)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.AlreadyClosed && outcome.ReservationId == null);
                (await Release(thief, target)).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.AlreadyClosed && outcome.ReservationId == null);
            }
        }

        await ShouldHave(Ada, 90, held: 10, version: 2);
        await ShouldHave(Bob, 100, version: 1);
        (await Read(nobody)).Status.Should().Be(CreditReadStatus.NotFound);
    }

    [Test]
    public async Task An_attempt_that_never_was_is_refused()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 10, "h");

        (await Capture(Ada, hold with { Attempt = 2 })).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 90, held: 10, version: 2);
    }

    [Test]
    public async Task A_store_that_reopens_ends_the_holds_of_runners_and_keeps_those_of_host_code()
    {
        await Initialize(Ada);
        var runners = await Reserve(Ada, 20, "leaseOwner", Guid.NewGuid());
        var hosts = await Reserve(Ada, 30, "host");

        await _underTest.ReopenAsync();

        if (!_underTest.HasOneOwner)
        {
            await ShouldHave(Ada, 50, held: 50, version: 3);
            return;
        }

        await ShouldHave(Ada, 70, held: 30, version: 4);
        (await Capture(Ada, runners)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        var repeat = await Reserve(Ada, 20, "leaseOwner", Guid.NewGuid());
        repeat.Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Attempt == 2, "the repeat after a crash runs at once");
        (await Capture(Ada, hosts)).Status.Should().Be(CreditCommandStatus.Done);
        (await Capture(Ada, repeat)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 50, version: 7);
    }

    [Test]
    public async Task A_store_that_was_away_for_longer_than_a_hold_finds_it_lapsed()
    {
        await Initialize(Ada);
        var hold = await Reserve(Ada, 60, "h");
        LetPass(TimeSpan.FromMinutes(5));

        await _underTest.ReopenAsync();

        await ShouldHave(Ada, 100, version: 3);
        (await Capture(Ada, hold)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 40, version: 4);
    }

    private static void ShouldBe(StoredResponse? actual, StoredResponse expected)
    {
        actual.Should().NotBeNull();
        actual!.StatusCode.Should().Be(expected.StatusCode);
        actual.ContentType.Should().Be(expected.ContentType);
        actual.Location.Should().Be(expected.Location);
        actual.Body.HasValue.Should().Be(expected.Body.HasValue);
        actual.Body.GetValueOrDefault().ToArray().Should().Equal(expected.Body.GetValueOrDefault().ToArray());
    }
}
