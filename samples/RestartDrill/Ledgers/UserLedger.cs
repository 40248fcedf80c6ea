using RestartDrill.Results;

namespace RestartDrill.Ledgers;

/// <summary>
/// Records the requested and acknowledged payments of a user and checks each balance that the server returns. No user of a drill spends all
/// credits, so a balance of zero is always wrong. The class is thread-safe.
/// </summary>
internal sealed class UserLedger
{
    public const long StartingCredits = 100;

    public const long Price = 5;

    /// <summary>The maximum number of payments per user. The maximum is so low that a user never spends all initial credits.</summary>
    public const int MaxPayments = 16;

    private readonly Lock _gate = new();
    private readonly List<Payment> _payments = [];
    private readonly Dictionary<long, Balance> _reported = [];
    private int _acknowledged;
    private long _version;
    private string? _floor;

    public int PaymentsLeft => MaxPayments - Payments.Count;

    public IReadOnlyList<Payment> Payments
    {
        get
        {
            lock (_gate)
            {
                return [.. _payments];
            }
        }
    }

    public IReadOnlyList<Payment> Open => [.. Payments.Where(static payment => !payment.IsAcknowledged)];

    /// <summary>Gets the initial credits minus all acknowledged payments.</summary>
    public long Credits
    {
        get
        {
            lock (_gate)
            {
                return StartingCredits - (Price * _acknowledged);
            }
        }
    }

    /// <summary>
    /// Gets or sets the last reported difference between the record and the database, so that the same difference is not reported twice.
    /// </summary>
    public long ReportedDifference { get; set; }

    /// <summary>
    /// Gets a value that indicates whether the record and the database differ. If they differ, the balances of this user can no longer be
    /// checked.
    /// </summary>
    public bool HasUnexpectedDifference => ReportedDifference != 0 || Payments.Any(static payment => payment.Reported != 0);

    public Payment? Begin()
    {
        lock (_gate)
        {
            if (_payments.Count == MaxPayments)
            {
                return null;
            }

            var payment = new Payment();
            _payments.Add(payment);
            return payment;
        }
    }

    public void Acknowledge(Payment payment)
    {
        lock (_gate)
        {
            payment.IsAcknowledged = true;
            _acknowledged++;
        }
    }

    public Expectation Expect()
    {
        lock (_gate)
        {
            return new Expectation(_acknowledged, _version, _floor);
        }
    }

    /// <summary>Checks a balance against the state that the client had seen, and records its version for later checks.</summary>
    /// <returns><see langword="true"/> if the balance is correct.</returns>
    public bool Check(Balance balance, Expectation expectation, Findings findings)
    {
        lock (_gate)
        {
            var right = true;
            var lowest = StartingCredits - (Price * _payments.Count);
            var highest = StartingCredits - (Price * expectation.Acknowledged);
            if (balance.Version < expectation.Version)
            {
                AddFinding(FindingKind.WentBack, $"After version {expectation.Version} the server returned version {balance.Version}.");
            }

            if (balance.Available == 0 && lowest > 0)
            {
                AddFinding(FindingKind.FalseZero, $"The server returned 0 credits; valid values are {lowest} to {highest}.");
            }
            else if (balance.Available < lowest || balance.Available > highest || balance.Available % Price != 0)
            {
                AddFinding(
                    FindingKind.WrongResponse, $"The server returned {balance.Available} credits; valid values are {lowest} to {highest}.");
            }

            if (_reported.TryGetValue(balance.Version, out var reported) && !IsSame(reported, balance))
            {
                AddFinding(FindingKind.WrongResponse,
                    $"Version {balance.Version} was {reported.Available} credits once and is {balance.Available} now.");
            }
            else if (reported?.Held is null)
            {
                _reported[balance.Version] = balance;
            }

            if (balance.Version > _version)
            {
                _version = balance.Version;
                _floor = balance.VersionToken;
            }

            return right;

            void AddFinding(FindingKind kind, string message)
            {
                right = false;
                findings.Add(kind, message);
            }
        }
    }

    private static bool IsSame(Balance one, Balance other) =>
        one.Available == other.Available && (one.Held is null || other.Held is null || one.Held == other.Held);
}
