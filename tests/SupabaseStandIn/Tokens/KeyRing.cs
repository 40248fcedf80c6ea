using System.Collections.Immutable;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Tokens;

/// <summary>
/// Holds the signing keys of the project. The keys are stored in the database, so that they remain after the test double has stopped. The
/// keys are also kept in memory, so that tokens can be verified while the database is down.
/// </summary>
internal sealed class KeyRing(StandInDatabase database, SigningAlgorithm signing)
{
    private ImmutableArray<SigningKey> _keys = [];

    public IEnumerable<SigningKey> Verifying => _keys.Where(key => key.State != KeyState.Revoked);

    public SigningKey Current => _keys.Single(key => key.State == KeyState.Current);

    /// <summary>Gets the legacy shared secret, even if it was revoked. The secret signs the legacy API keys.</summary>
    public SigningKey Legacy => _keys.Single(key => key.Id == SigningKey.LegacyId);

    public SigningKey? Find(string id) => Verifying.FirstOrDefault(key => key.Id == id && key.Id != SigningKey.LegacyId);

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (_keys.IsEmpty)
        {
            var isLegacy = signing == SigningAlgorithm.HS256;
            await AddAsync(SigningKey.LegacyId, SigningAlgorithm.HS256, isLegacy ? KeyState.Current : KeyState.Previous, cancellationToken);
            if (!isLegacy)
            {
                await AddAsync(NewId(), signing, KeyState.Current, cancellationToken);
            }

            await ReadAsync(cancellationToken);
        }
    }

    /// <summary>Adds a key that is published but does not sign tokens yet.</summary>
    public async Task<string> AddStandbyAsync(SigningAlgorithm algorithm, string? id, CancellationToken cancellationToken)
    {
        id ??= NewId();
        await AddAsync(id, algorithm, KeyState.Standby, cancellationToken);
        await ReadAsync(cancellationToken);
        return id;
    }

    /// <summary>Makes the standby key, or a new key, the signing key. The previous key still verifies tokens.</summary>
    public async Task<string> RotateAsync(CancellationToken cancellationToken)
    {
        var next = _keys.FirstOrDefault(key => key.State == KeyState.Standby)?.Id
            ?? await AddStandbyAsync(SigningAlgorithm.ES256, id: null, cancellationToken);
        await SetStateAsync(Current.Id, KeyState.Previous, cancellationToken);
        await SetStateAsync(next, KeyState.Current, cancellationToken);
        await ReadAsync(cancellationToken);
        return next;
    }

    public async Task RevokeAsync(string id, CancellationToken cancellationToken)
    {
        if (Current.Id == id)
        {
            throw new InvalidOperationException("The current key can't be revoked: rotate first.");
        }

        await SetStateAsync(id, KeyState.Revoked, cancellationToken);
        await ReadAsync(cancellationToken);
    }

    /// <summary>Revokes the keys that no longer sign tokens, including the legacy secret.</summary>
    public async Task RevokePreviousAsync(CancellationToken cancellationToken)
    {
        foreach (var key in _keys.Where(key => key.State == KeyState.Previous))
        {
            await SetStateAsync(key.Id, KeyState.Revoked, cancellationToken);
        }

        await ReadAsync(cancellationToken);
    }

    private static string NewId() => Guid.NewGuid().ToString();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command =
            database.Admin.CreateCommand("select id, algorithm, material, state from stand_in.signing_keys order by created_at, id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = ImmutableArray.CreateBuilder<SigningKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(SigningKey.Load(reader.GetString(0), Enum.Parse<SigningAlgorithm>(reader.GetString(1)), reader.GetString(2),
                Enum.Parse<KeyState>(reader.GetString(3))));
        }

        _keys = keys.ToImmutable();
    }

    private Task AddAsync(string id, SigningAlgorithm algorithm, KeyState state, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
        "insert into stand_in.signing_keys (id, algorithm, material, state) values ($1, $2, $3, $4)",
        [id, algorithm.ToString(), SigningKey.NewMaterial(algorithm), state.ToString()],
        cancellationToken);

    private Task SetStateAsync(string id, KeyState state, CancellationToken cancellationToken) =>
        database.ExecuteAsync("update stand_in.signing_keys set state = $2 where id = $1", [id, state.ToString()], cancellationToken);
}
