using System.Text.Json;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>Creates a database for each test, and audits the ledger in this database after the test.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class LedgerFixture
{
    protected static readonly Guid Ada = Guid.Parse("00000000-0000-4000-8000-00000000000a");
    protected static readonly Guid Bob = Guid.Parse("00000000-0000-4000-8000-00000000000b");

    protected LedgerDatabase Database { get; private set; } = null!;

    protected DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    protected virtual string Template => Server.Ledger;

    [SetUp]
    public async Task Create_the_database() => Database = await LedgerDatabase.CreateAsync(Template);

    [TearDown]
    public async Task Audit_the_ledger()
    {
        await using (Database)
        {
            if (await Database.QueryAsync("select to_regproc('public.credits_audit')::text") is not ["null"])
            {
                (await Database.AuditAsync()).Should().BeEmpty();
            }
        }
    }

    protected static async Task<PostgresException> ShouldFail(Func<Task> call, string state)
    {
        var exception = (await call.Should().ThrowAsync<PostgresException>()).Which;
        exception.SqlState.Should().Be(state, exception.MessageText);
        return exception;
    }

    protected static JsonElement Response(int status, string? body, string? location = null, object? headers = null) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, object?>
        {
            ["status"] = status,
            ["content_type"] = "text/plain",
            ["location"] = location,
            ["headers"] = headers,
            ["body"] = body,
        });

    protected Task<FunctionResult> Call(string function, object? arguments = null) =>
        Database.CallAsync(Caller.Server, function, arguments);

    protected Task<FunctionResult> CallAs(Guid user, string function, object? arguments = null) =>
        Database.CallAsync(Caller.User(user), function, arguments);

    protected Task<FunctionResult> Initialize(Guid user) => Call("initialize_user_credits", new { p_user = user });

    protected Task<FunctionResult> Consume(Guid user, long amount, string key) =>
        Call("consume_credits", new { p_user = user, p_amount = amount, p_key = key });

    protected Task<FunctionResult> Grant(Guid user, long amount, string key) =>
        Call("grant_credits", new { p_user = user, p_amount = amount, p_key = key });

    protected Task<FunctionResult> Reserve(
        Guid user,
        long amount,
        string key,
        Guid? leaseOwner = null,
        string? fingerprint = null,
        decimal seconds = 10)
    {
        var shared = (p_user: user, p_amount: amount, p_key: key, p_fingerprint: fingerprint, p_ttl_seconds: seconds);
        return leaseOwner is null
            ? Call(
                "reserve_credits",
                new { shared.p_user, shared.p_amount, shared.p_key, shared.p_fingerprint, shared.p_ttl_seconds })
            : Call(
                "reserve_credits",
                new
                {
                    shared.p_user,
                    shared.p_amount,
                    shared.p_key,
                    shared.p_fingerprint,
                    shared.p_ttl_seconds,
                    p_lease_owner = leaseOwner,
                });
    }

    protected Task<FunctionResult> Extend(Guid user, FunctionResult reservation, decimal seconds = 10) =>
        Call(
            "extend_reservation",
            new { p_user = user, p_reservation = reservation.Reservation, p_attempt = reservation.Attempt, p_ttl_seconds = seconds });

    protected Task<FunctionResult> Capture(Guid user, FunctionResult reservation) =>
        Call("capture_reservation", new { p_user = user, p_reservation = reservation.Reservation, p_attempt = reservation.Attempt });

    protected Task<FunctionResult> Release(Guid user, FunctionResult reservation) =>
        Call("release_reservation", new { p_user = user, p_reservation = reservation.Reservation, p_attempt = reservation.Attempt });

    protected Task<FunctionResult> Balance(Guid user) => Call("get_user_credits", new { p_user = user });

    protected async Task ShouldHave(Guid user, long available, long held = 0, long? version = null)
    {
        var balance = await Balance(user);
        balance.Outcome.Should().Be("ok");
        (balance.Available, balance.Held).Should().Be((available, held));
        if (version is not null)
        {
            balance.Version.Should().Be(version);
        }
    }

    /// <summary>Stops the clock of the ledger and moves it forward by the given time.</summary>
    protected async Task Advance(TimeSpan time)
    {
        Now += time;
        await Database.SetClockAsync(Now);
    }
}
