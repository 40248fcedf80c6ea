using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Tests.Hosting;
using static SessionRecovery.Supabase.Tests.Hosting.ScriptedSupabase;

namespace SessionRecovery.Supabase.Tests.Credits;

/// <summary>
/// Tests the HTTP requests for credit commands: which requests are retried and with which body, and how invalid responses are handled.
/// </summary>
[TestFixture]
internal sealed class CommandTests
{
    private const string Balance =
        """ "available":95,"held":0,"version":2,"as_of":"2026-03-01T12:00:00.123456+00:00","incarnation":"i","hold_expires_in":null """;

    [Test]
    public async Task A_command_sends_the_secret_key_and_the_user_id()
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(200, $$"""{"outcome":"ok","ledger_id":7,"replayed":false,{{Balance}}}""");

        var outcome = await Consume(host);

        outcome.Status.Should().Be(CreditCommandStatus.Done);
        outcome.Balance
            .Should().Be(new CreditBalance(95, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(1234560), 0, 2, "i"));
        var request = host.Supabase.Requests.Single();
        request.Should().BeEquivalentTo(
            new { Method = "POST", Target = "/rest/v1/rpc/consume_credits", Key = ScriptedHost.Secret, Authorization = (string?)null });
        var arguments = JsonDocument.Parse(request.Body).RootElement;
        arguments.GetProperty("p_user").GetString().Should().Be(host.Ada.Value);
        arguments.GetProperty("p_amount").GetInt64().Should().Be(5);
        arguments.GetProperty("p_key").GetString().Should().Be("work-1");
        arguments.GetProperty("p_deadline").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UnixEpoch);
        arguments.EnumerateObject().Should().HaveCount(4);
    }

    [TestCase(503, "57P01")]
    [TestCase(503, "PGRST001")]
    [TestCase(504, "PGRST003")]
    [TestCase(500, "57014")]
    [TestCase(500, "55P03")]
    public async Task A_lost_command_is_repeated_with_the_same_key_and_a_later_deadline(int status, string code)
    {
        await using var host = Start();
        host.Supabase.Script = _ => host.Supabase.Requests.Count < 3
            ? Json(status, $$"""{"code":"{{code}}","details":null,"hint":null,"message":""}""", ("Retry-After", "0"))
            : Json(200, $$"""{"outcome":"ok","replayed":true,{{Balance}}}""");

        var outcome = await Consume(host);

        outcome.Should().BeEquivalentTo(new { Status = CreditCommandStatus.Done, Replayed = true });
        host.Supabase.Requests.Should().HaveCount(3);
        var bodies = host.Supabase.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement).ToList();
        bodies.Select(body => $"{body.GetProperty("p_user")} {body.GetProperty("p_amount")} {body.GetProperty("p_key")}")
            .Distinct().Should().ContainSingle();
        bodies.Select(body => body.GetProperty("p_deadline").GetDateTimeOffset()).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Test]
    public async Task A_deadline_on_a_wrong_clock_is_corrected_by_the_response()
    {
        var now = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await using var host = Start();
        host.Supabase.Script = request =>
        {
            var deadline = JsonDocument.Parse(request.Body).RootElement.GetProperty("p_deadline").GetDateTimeOffset();
            return deadline < now
                ? Json(200, $$"""{"outcome":"deadline_passed","as_of":"{{now:O}}"}""")
                : Json(200, $$"""{"outcome":"ok","ledger_id":7,"replayed":false,{{Balance}}}""");
        };

        (await Consume(host)).Should().BeEquivalentTo(new { Status = CreditCommandStatus.Done, EntryId = 7 });

        host.Supabase.Requests.Should().HaveCount(2);
        JsonDocument.Parse(host.Supabase.Requests[1].Body).RootElement.GetProperty("p_deadline").GetDateTimeOffset()
            .Should().BeBefore(now.AddMinutes(1));
    }

    [Test]
    public async Task A_read_sets_the_clock_of_the_next_deadline()
    {
        var now = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await using var host = Start();
        host.Supabase.Script = _ => Json(
            200, $$"""{"outcome":"ok","available":100,"held":0,"version":1,"as_of":"{{now:O}}","incarnation":"i"}""");

        (await host.ReadAsync()).Status.Should().Be(CreditReadStatus.Current);
        await Consume(host);

        var command = host.Supabase.Requests.Should().HaveCount(2).And.Subject.Last();
        JsonDocument.Parse(command.Body).RootElement.GetProperty("p_deadline").GetDateTimeOffset()
            .Should().BeAfter(now).And.BeBefore(now.AddMinutes(1));
    }

    [Test]
    public async Task A_command_after_its_deadline_is_busy_and_repeated()
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(200, """{"outcome":"deadline_passed","as_of":"9000-01-01T00:00:00+00:00"}""");

        (await Consume(host)).Status.Should().Be(CreditCommandStatus.Busy);
    }

    [Test]
    public async Task A_command_without_any_response_is_unknown()
    {
        await using var host = Start();
        host.Supabase.Script = _ => throw new HttpRequestException("Connection reset");

        (await Consume(host)).Should().Be(CreditCommandResult.Unknown);

        host.Supabase.Requests.Should().HaveCount(3);
    }

    [Test]
    public async Task A_lock_timeout_is_reported_as_busy()
    {
        await using var host = Start();
        host.Supabase.Script = _ =>
            Json(500, """{"code":"55P03","details":null,"hint":null,"message":"canceling statement due to lock timeout"}""");

        (await Consume(host)).Should().Be(CreditCommandResult.Busy);
    }

    [TestCase(500, """{"code":"55P03","details":null,"hint":null,"message":"canceling statement due to lock timeout"}""")]
    [TestCase(401, """{"message":"Invalid API key"}""")]
    [TestCase(404, """{"code":"PGRST202","details":null,"hint":null,"message":"no function"}""")]
    public async Task A_debit_with_a_lost_response_stays_unknown_when_retried(int status, string body)
    {
        await using var host = Start();
        host.Supabase.Script = _ => host.Supabase.Requests.Count == 1
            ? throw new HttpRequestException("Connection reset")
            : Json(status, body);

        (await Consume(host)).Should().Be(CreditCommandResult.Unknown);
    }

    [TestCase("{}")]
    [TestCase("""{"available":1000000}""")]
    [TestCase("""{"outcome":"done"}""")]
    [TestCase("""{"outcome":null}""")]
    [TestCase("[]")]
    [TestCase("42")]
    [TestCase("<html>")]
    public async Task A_response_without_a_known_outcome_is_an_unknown_result(string body)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(200, body);

        (await Consume(host)).Status.Should().Be(CreditCommandStatus.Unknown);
    }

    [TestCase(401, """{"message":"Invalid API key"}""")]
    [TestCase(403, """{"code":"42501","details":null,"hint":null,"message":"permission denied"}""")]
    [TestCase(404, """{"code":"PGRST202","details":null,"hint":null,"message":"no function"}""")]
    public async Task A_configuration_failure_changes_nothing_and_is_logged(int status, string body)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(status, body);

        (await Consume(host)).Should().Be(CreditCommandResult.Busy);

        host.Supabase.Requests.Should().ContainSingle("a configuration failure is not retried");
        var entry = host.Logs.GetSnapshot().Should().ContainSingle(record => record.Level >= LogLevel.Warning).Which;
        entry.Level.Should().Be(LogLevel.Error);
        entry.Id.Name.Should().Be("CreditCommandRejected");
        entry.Message.Should().Match("Consume for*consume_credits*Hint: *");
    }

    [TestCase("held", CreditCommandStatus.Done)]
    [TestCase("captured", CreditCommandStatus.AlreadyCaptured)]
    [TestCase("in_progress", CreditCommandStatus.InProgress)]
    [TestCase("insufficient", CreditCommandStatus.Insufficient)]
    [TestCase("key_conflict", CreditCommandStatus.KeyConflict)]
    public async Task Every_reserve_outcome_is_mapped_to_a_result(string outcome, CreditCommandStatus status)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(200, $$"""
            {"outcome":"{{outcome}}","reservation_id":"33333333-3333-4333-8333-333333333333","attempt":2,"required":9,"retry_after":1.5,
             "response":{"status":201,"content_type":"text/plain","location":"/x","body":"aGVsbG8="},{{Balance}}}
            """);

        var reserved = await host.Get<ICreditLedger>().ReserveAsync(
            host.Ada, 9, IdempotencyKey.Create("work-1"), new CreditReservationOptions { Lifetime = TimeSpan.FromSeconds(10) });

        reserved.Command.Should().BeEquivalentTo(
            new { Status = status, Attempt = 2, Required = 9L, RetryAfter = TimeSpan.FromSeconds(1.5) });
        reserved.Command.Response!.StatusCode.Should().Be(201);
        reserved.Command.Response.Body!.Value.ToArray().Should().Equal("hello"u8.ToArray());
    }

    [Test]
    public async Task Retry_After_is_added_to_the_command_backoff()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var host = new ScriptedHost(
            build: static builder => builder.UseSupabaseLedger(), credits: options => options.MaxAttempts = 2, clock: clock);
        host.Supabase.Script = _ => host.Supabase.Requests.Count < 2
            ? Json(429, """{"message":"slow down"}""", ("Retry-After", "1"))
            : Json(200, $$"""{"outcome":"ok",{{Balance}}}""");

        var consuming = Consume(host).AsTask();
        await WaitForRequestsAsync(host, 1);
        for (var i = 0; i < 9; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        host.Supabase.Requests.Should().ContainSingle();
        while (!consuming.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }

        (await consuming).Status.Should().Be(CreditCommandStatus.Done);
    }

    [Test]
    public async Task A_Retry_After_beyond_the_limit_ends_the_retries()
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(503, """{"message":"maintenance"}""", ("Retry-After", "120"));

        (await Consume(host)).Should().Be(CreditCommandResult.Unknown);

        host.Supabase.Requests.Should().ContainSingle();
    }

    [Test]
    public async Task A_hanging_request_ends_at_its_timeout()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var host = new ScriptedHost(build: static builder => builder.UseSupabaseLedger(), clock: clock);
        host.Supabase.Hang = true;

        var consuming = Consume(host).AsTask();
        await WaitForRequestsAsync(host, 1);
        clock.Advance(TimeSpan.FromSeconds(10));

        (await consuming.WaitAsync(TimeSpan.FromSeconds(20))).Should().Be(CreditCommandResult.Unknown);
    }

    [Test]
    public async Task A_caller_cancellation_throws_and_returns_no_result()
    {
        await using var host = Start();
        host.Supabase.Hang = true;
        using var cancellation = new CancellationTokenSource();

        var consuming = host.Get<ICreditLedger>()
            .ConsumeAsync(host.Ada, 5, IdempotencyKey.Create("work-1"), cancellationToken: cancellation.Token).AsTask();
        await WaitForRequestsAsync(host, 1);
        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => consuming).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task A_user_id_other_than_a_UUID_is_one_error()
    {
        await using var host = Start();
        var session = ScriptedHost.GetSession(UserId.Create("user_2abc"));

        var command = await host.Get<ICreditLedger>().ConsumeAsync(session.User, 5, IdempotencyKey.Create("work-1"));
        var read = await host.Credits.ReadAsync(session);
        var report = await host.Get<ISessionHealthMonitor>().CheckAsync(session);

        command.Status.Should().Be(CreditCommandStatus.Busy);
        read.Status.Should().Be(CreditReadStatus.Unavailable);
        report.Entries.Single(static entry => entry.Name == "credits").Reason.Should().Be("user_id_not_uuid");
        report.Status.Should().Be(SessionHealthStatus.Inconclusive);
        host.Supabase.Requests.Should().NotContain(static request => request.Target.Contains("/rpc/"));
        host.Logs.GetSnapshot().Should().ContainSingle(static record => record.Id.Name == "SupabaseUserNotUuid");
    }

    private static IEnumerable<TestCaseData> RaisedErrors()
    {
        using var lines = new StreamReader(typeof(CommandTests).Assembly.GetManifestResourceStream("postgrest-14.5.jsonl")!);
        while (lines.ReadLine() is { } line)
        {
            using var recorded = JsonDocument.Parse(line);
            var name = recorded.RootElement.GetProperty("name").GetString()!;
            var response = recorded.RootElement.GetProperty("response");
            if (name.StartsWith("raise-", StringComparison.Ordinal)
                && response.TryGetProperty("body", out var body)
                && body.ValueKind == JsonValueKind.Object
                && body.TryGetProperty("code", out var member)
                && member.GetString() is { } code)
            {
                // The database reports a lost or ending connection with these classes too, perhaps after the commit.
                var isOpen = code.Length == 5 && code[..2] is "08" or "57" or "58" && code != "57014";
                var expected = isOpen ? CreditCommandStatus.Unknown : CreditCommandStatus.Busy;
                yield return new TestCaseData(response.GetProperty("status").GetInt32(), body.GetRawText(), expected)
                    .SetArgDisplayNames(name);
            }
        }
    }

    /// <summary>These responses were recorded from PostgREST. A function raised each error, so its transaction was rolled back.</summary>
    [TestCaseSource(nameof(RaisedErrors))]
    public async Task A_debit_that_was_rolled_back_is_not_unknown(int status, string body, CreditCommandStatus expected)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(status, body);

        (await Consume(host)).Status.Should().Be(expected);

        var code = JsonDocument.Parse(body).RootElement.GetProperty("code").GetString()!;
        host.Logs.GetSnapshot().Where(static record => record.Level >= LogLevel.Information)
            .Should().Contain(record => record.Message.Contains(code), "the log names the code");
    }

    [TestCase("PGRST111", "*response.headers*took effect*")]
    [TestCase("PGRST112", "*response.status*took effect*")]
    public async Task A_debit_whose_response_was_rejected_after_the_commit_is_unknown(string code, string hint)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(500, $$"""{"code":"{{code}}","details":null,"hint":null,"message":"the message"}""");

        (await Consume(host)).Status.Should().Be(CreditCommandStatus.Unknown);

        host.Logs.GetSnapshot().Should().Contain(
            record => record.Level >= LogLevel.Warning && record.Message.Contains(code))
            .Which.Message.Should().Match(hint);
    }

    [TestCase(500, """{"code":"40003","details":null,"hint":null,"message":"statement completion unknown"}""")]
    [TestCase(504, """{"code":"ERROR","message":"a gateway's own error"}""")]
    [TestCase(502, """{"code":"PROXY","error":"upstream"}""")]
    public async Task A_debit_with_an_uncertain_end_is_unknown(int status, string body)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(status, body);

        (await Consume(host)).Status.Should().Be(CreditCommandStatus.Unknown);
    }

    [TestCase(500, "42P17", "*policy*itself*")]
    [TestCase(300, "PGRST203", "*several functions*")]
    [TestCase(500, "PGRST121", "*SQLSTATE PGRST*")]
    [TestCase(500, "XX000", "*internal error*")]
    [TestCase(500, "P0003", "*more than one*")]
    [TestCase(402, "PT402", "*trigger*raised*")]
    [TestCase(410, "PT410", "*trigger*raised*")]
    [TestCase(423, "PT423", "*trigger*raised*")]
    [TestCase(500, "PGRST300", "*JWT secret*")]
    [TestCase(401, "PGRST302", "*without a role*")]
    public async Task A_setup_mistake_is_named_with_its_cause(int status, string code, string hint)
    {
        await using var host = Start();
        host.Supabase.Script = _ => Json(status, $$"""{"code":"{{code}}","details":null,"hint":null,"message":"the message"}""");

        (await Consume(host)).Status.Should().Be(CreditCommandStatus.Busy);
        (await host.ReadAsync()).Status.Should().Be(CreditReadStatus.Unavailable);

        var errors = host.Logs.GetSnapshot().Where(static record => record.Level == LogLevel.Error).Select(static record => record.Message);
        errors.Should().HaveCount(2)
            .And.AllSatisfy(message => message.Should().Contain(code).And.Match(hint).And.NotContain("the message"));
        host.Supabase.Requests.Should().HaveCount(2, "a mistake is not retried");
    }

    private static ScriptedHost Start() => new(
        build: static builder => builder.UseSupabaseLedger(),
        credits: static options =>
        {
            options.MaxAttempts = 3;
            options.RetryDelay = TimeSpan.Zero;
        });

    private static ValueTask<CreditCommandResult> Consume(ScriptedHost host) =>
        host.Get<ICreditLedger>().ConsumeAsync(host.Ada, 5, IdempotencyKey.Create("work-1"));

    private static async Task WaitForRequestsAsync(ScriptedHost host, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (host.Supabase.Requests.Count < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
