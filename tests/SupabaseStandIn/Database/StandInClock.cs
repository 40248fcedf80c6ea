using System.Globalization;

namespace SupabaseStandIn.Database;

/// <summary>
/// Provides the clock of all services, which is the machine's clock, or is shifted or stopped. The time is stored in the database, where
/// the ledger reads it. The setting remains after the test double has stopped.
/// </summary>
internal sealed class StandInClock(StandInDatabase database)
{
    private TimeSpan _shift;
    private DateTimeOffset? _frozen;

    public DateTimeOffset Now => _frozen ?? TimeProvider.System.GetUtcNow() + _shift;

    public long Seconds => Now.ToUnixTimeSeconds();

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Admin.CreateCommand("select extract(epoch from shift)::text, frozen_at from stand_in.clock");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        _shift = TimeSpan.FromSeconds(double.Parse(reader.GetString(0), CultureInfo.InvariantCulture));
        _frozen = await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(1);
    }

    public Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken) =>
        _frozen is { } frozen ? SetAsync(_shift, frozen + by, cancellationToken) : SetAsync(_shift + by, frozen: null, cancellationToken);

    /// <summary>Stops the clock at the given time until the clock is advanced or resumed.</summary>
    public Task FreezeAsync(DateTimeOffset at, CancellationToken cancellationToken) => SetAsync(_shift, at, cancellationToken);

    public Task RunAsync(CancellationToken cancellationToken) => SetAsync(TimeSpan.Zero, frozen: null, cancellationToken);

    private async Task SetAsync(TimeSpan shift, DateTimeOffset? frozen, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            "update stand_in.clock set shift = $1, frozen_at = $2", [shift, (object?)frozen?.ToUniversalTime()], cancellationToken);
        (_shift, _frozen) = (shift, frozen);
    }
}
