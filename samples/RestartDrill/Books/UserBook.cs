using RestartDrill.Results;

namespace RestartDrill.Books;

/// <summary>
/// A user's own book: what was asked for and what was acknowledged, so that each balance the server tells can be judged. An account
/// is never spent to its end, and so a zero is never true. Thread-safe.
/// </summary>
internal sealed class UserBook
{
    public const long StartingCredits = 100;

    public const long Price = 5;

    /// <summary>Less than the starting credits would buy.</summary>
    public const int MostPayments = 16;

    private readonly Lock _gate = new();
    private readonly List<Payment> _payments = [];
    private readonly Dictionary<long, Balance> _told = [];
    private int _acknowledged;
    private long _version;
    private string? _floor;

    public int PaymentsLeft => MostPayments - Payments.Count;

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

    /// <summary>What the account has when all that was acknowledged is paid, and nothing else.</summary>
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

    /// <summary>How far book and database were apart when that was last reported, so that it is reported once.</summary>
    public long ReportedDifference { get; set; }

    /// <summary>Whether book and database were found apart: nothing that this user sees can be judged any more.</summary>
    public bool IsSpoilt => ReportedDifference != 0 || Payments.Any(static payment => payment.Reported != 0);

    public Payment? Begin()
    {
        lock (_gate)
        {
            if (_payments.Count == MostPayments)
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

    /// <summary>Judges a balance against what was known when it was asked for, and takes it as the floor of what comes later.</summary>
    /// <returns>Whether it is right.</returns>
    public bool Judge(Balance balance, Expectation expectation, Findings findings)
    {
        lock (_gate)
        {
            var right = true;
            var lowest = StartingCredits - (Price * _payments.Count);
            var highest = StartingCredits - (Price * expectation.Acknowledged);
            if (balance.Version < expectation.Version)
            {
                Find(FindingKind.WentBack, $"After version {expectation.Version} the server told version {balance.Version}.");
            }

            if (balance.Available == 0 && lowest > 0)
            {
                Find(FindingKind.FalseZero, $"The server showed 0 credits where {lowest} to {highest} are true.");
            }
            else if (balance.Available < lowest || balance.Available > highest || balance.Available % Price != 0)
            {
                Find(FindingKind.WrongAnswer, $"The server showed {balance.Available} credits where {lowest} to {highest} are true.");
            }

            if (_told.TryGetValue(balance.Version, out var told) && !Agrees(told, balance))
            {
                Find(FindingKind.WrongAnswer,
                    $"Version {balance.Version} was {told.Available} credits once and is {balance.Available} now.");
            }
            else if (told?.Held is null)
            {
                _told[balance.Version] = balance;
            }

            if (balance.Version > _version)
            {
                _version = balance.Version;
                _floor = balance.Floor;
            }

            return right;

            void Find(FindingKind kind, string sentence)
            {
                right = false;
                findings.Add(kind, sentence);
            }
        }
    }

    private static bool Agrees(Balance one, Balance other) =>
        one.Available == other.Available && (one.Held is null || other.Held is null || one.Held == other.Held);
}
