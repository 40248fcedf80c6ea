using RestartDrill.Clients;
using RestartDrill.Ledgers;
using RestartDrill.Points.Server;
using RestartDrill.Results;
using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>
/// Represents the jobs of one user that stop at the same point in one round. The group contains several jobs only at the point of a group
/// commit. After the kill, one half of the users repeat their jobs. The other half of the users do not repeat them, and send another job at
/// a time at which the reservations of the first jobs must have expired.
/// </summary>
internal sealed class PointGroup
{
    private readonly KillPoint _point;
    private readonly Victim _victim;
    private readonly PointUser _user;
    private readonly Findings _findings;
    private readonly IReadOnlyList<PointJob> _jobs;
    private readonly List<Task> _running = [];

    public PointGroup(PointReport report, PointUser user, bool userLeaves)
    {
        (_point, _victim, _findings) = report;
        _user = user;
        UserLeaves = userLeaves;
        var size = _point == KillPoint.GroupCommit ? GroupGate.Size : 1;
        _jobs = [.. Enumerable.Range(0, size).Select(_ => new PointJob(user, _point))];
    }

    public KillPoint Point => _point;

    public bool UserLeaves { get; }

    public void Start(StudioClient client, TimeProvider time, CancellationToken stop)
    {
        foreach (var job in _jobs)
        {
            _running.Add(job.RunAsync(client, _findings, _victim, stop));
            if (_point == KillPoint.TakenOver)
            {
                _running.Add(OvertakeAsync(job));
            }
        }

        async Task OvertakeAsync(PointJob job)
        {
            // The second request is sent after a pause, so that the first request has already reserved the key.
            await Task.Delay(PointsServer.ReservationLifetime / 2, time, stop);
            await job.OvertakeAsync(client, time, stop);
        }
    }

    public Task WaitForFirstResponsesAsync() => Task.WhenAll(_running);

    public async Task RepeatAsync(StudioClient client, bool forgetKeys, TimeProvider time, CancellationToken stop)
    {
        foreach (var job in _jobs.Where(_ => forgetKeys))
        {
            job.Payment.ForgetKey();
        }

        var stored = _findings.RepeatsOfPaidWork;
        await Task.WhenAll(_jobs.Select(job => job.RepeatAsync(client, _findings, _victim, time, stop)));

        // The store may commit a few captures before the group begins. The captures of the group must not be committed.
        if (_point == KillPoint.GroupCommit && _findings.RepeatsOfPaidWork - stored >= GroupGate.Size / 2)
        {
            _findings.Add(FindingKind.WrongResponse, "The captures of a group were committed, although the group was not complete.");
        }
    }

    /// <summary>
    /// Completes one more job for a user whose earlier job was abandoned. The reserve command of the new job also records that the
    /// reservation of the earlier job has expired.
    /// </summary>
    public Task ComeBackAsync(StudioClient client, TimeProvider time, CancellationToken stop) =>
        new PointJob(_user, _point).CompleteAsync(client, _findings, time, stop);

    /// <summary>
    /// Compares the account with the jobs. Each job that has a response must be charged exactly once. If the user left, the first job may
    /// have been charged or not, and the later job must be charged.
    /// </summary>
    public void Compare(StoredLedger ledger)
    {
        var captured = 0L;
        foreach (var job in _jobs)
        {
            var captures = ledger.GetCaptures(_user.Id, job.Payment);
            captured += captures;
            if (!IsExpected(job, captures))
            {
                _findings.Add(FindingKind.WrongResponse, $"A job at the point {_point} has {captures} captures.");
            }
        }

        var (credits, held) = ledger.Accounts.GetValueOrDefault(_user.Id);
        var jobs = UserLeaves ? captured + 1 : _jobs.Count;
        var unexpected = PointUser.StartingCredits - credits - (PointsServer.Price * jobs);
        if (unexpected > 0)
        {
            _findings.Add(
                FindingKind.CreditsDoubled, $"At the point {_point} a user was charged {unexpected} credits too many.", unexpected);
        }
        else if (unexpected < 0)
        {
            _findings.Add(
                FindingKind.CreditsLost, $"At the point {_point} a user was charged {-unexpected} credits too few.", -unexpected);
        }

        if (held != 0)
        {
            _findings.Add(FindingKind.CreditsHeld, $"At the point {_point} {held} credits of a user are still held.", held);
        }
    }

    private bool IsExpected(PointJob job, long captures) =>
        !UserLeaves || job.HasResponse ? captures == 1
        : _victim == Victim.Studio ? captures == (_point == KillPoint.Captured ? 1 : 0)
        : captures is 0 or 1;
}
