using RestartDrill.Clients;
using RestartDrill.Results;

namespace RestartDrill.Ledgers;

/// <summary>Compares the records of the users with the database.</summary>
internal static class Comparison
{
    /// <summary>
    /// Compares the acknowledged charges with the database directly after a kill, while the server is down. Every acknowledged charge must
    /// be in the database exactly once.
    /// </summary>
    public static void OfAcknowledged(StoredLedger stored, IEnumerable<DrillUser> users, Findings findings)
    {
        foreach (var user in users)
        {
            foreach (var payment in user.Ledger.Payments)
            {
                var captures = stored.GetCaptures(user.Id, payment);
                if (payment.IsAcknowledged && captures == 0 && payment.Reported == 0)
                {
                    payment.Reported = -1;
                    findings.Add(FindingKind.CreditsLost, "A payment that the server acknowledged is not in its ledger.", UserLedger.Price);
                }

                ReportDoubled(payment, captures, findings);
            }
        }
    }

    /// <summary>
    /// Compares the database with the records when every payment has a response. The balances and the ledger must match the records
    /// exactly.
    /// </summary>
    public static void OfSettled(StoredLedger stored, IEnumerable<DrillUser> users, Findings findings)
    {
        foreach (var user in users)
        {
            var doubled = 0L;
            foreach (var payment in user.Ledger.Payments)
            {
                var captures = stored.GetCaptures(user.Id, payment);
                ReportDoubled(payment, captures, findings);
                doubled += Math.Max(0, captures - 1) * UserLedger.Price;
            }

            var (credits, held) = stored.Accounts.GetValueOrDefault(user.Id);
            var difference = user.Ledger.Credits - doubled - (credits - held);
            if (difference != user.Ledger.ReportedDifference)
            {
                findings.Add(
                    FindingKind.CreditsLost,
                    $"A user should have {user.Ledger.Credits - doubled} credits; the database has {credits}, {held} of them held.",
                    Math.Abs(difference - user.Ledger.ReportedDifference));
                user.Ledger.ReportedDifference = difference;
            }
        }
    }

    private static void ReportDoubled(Payment payment, long captures, Findings findings)
    {
        if (captures - 1 > payment.Reported)
        {
            findings.Add(FindingKind.CreditsDoubled, $"One waveform was paid {captures} times.",
                (captures - 1 - Math.Max(0, payment.Reported)) * UserLedger.Price);
            payment.Reported = captures - 1;
        }
    }
}
