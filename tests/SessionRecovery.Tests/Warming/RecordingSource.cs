using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.Tests.Warming;

/// <summary>A source of active users that stores the calls that it receives.</summary>
internal sealed class RecordingSource : IActiveUserStore
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _attempts;

    public Func<CreditBalance> CreateBalance { get; set; } = static () => throw new InvalidOperationException("There is no host.");

    /// <summary>Gets or sets the users whom the source lists.</summary>
    public IReadOnlyList<UserId> Users { get; set; } = [];

    /// <summary>Gets or sets a value that indicates whether the source reads given users in one call.</summary>
    public bool CanReadUsers { get; set; }

    /// <summary>Gets or sets the number of calls of <c>RecordAsync</c> that fail.</summary>
    public int Failures { get; set; }

    public bool Hangs { get; set; }

    public List<IReadOnlyList<UserId>> Records { get; } = [];

    public List<string> Calls { get; } = [];

    public async ValueTask RecordAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        if (Hangs)
        {
            await new TaskCompletionSource().Task;
        }

        lock (Records)
        {
            if (++_attempts <= Failures)
            {
                throw new IOException("The store is down.");
            }

            Records.Add(users);
        }
    }

    public ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken)
    {
        Calls.Add("active");
        return new(Create(Users));
    }

    public ValueTask<IReadOnlyList<ActiveUser>?> GetUsersAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        if (!CanReadUsers)
        {
            return new((IReadOnlyList<ActiveUser>?)null);
        }

        Calls.Add(string.Join(',', users.Select(static user => user.Value)));
        return new(Create(users));
    }

    public Task RecordedAsync(int count) => UntilAsync(() => Records.Count >= count);

    public Task AttemptedAsync(int count) => UntilAsync(() => _attempts >= count);

    private List<ActiveUser> Create(IReadOnlyList<UserId> users) =>
        [.. users.Select(user => new ActiveUser { User = user, Balance = CreateBalance() })];

    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            lock (Records)
            {
                if (condition())
                {
                    return;
                }
            }

            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
