using System.Net;
using RestartDrill.Clients;
using RestartDrill.Ledgers;
using RestartDrill.Points.Server;
using RestartDrill.Results;
using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>
/// Represents one paid job of a user. The first request stops at the point of the job. After the kill, the request is repeated until it
/// receives a response. After the response, the request is repeated once more.
/// </summary>
internal sealed class PointJob(PointUser user, KillPoint point)
{
    private static readonly TimeSpan RepeatLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private string? _body;

    public Payment Payment { get; } = new();

    /// <summary>
    /// Gets a value that indicates whether the client has received a response. If the client has received a response, the job must be
    /// charged.
    /// </summary>
    public bool HasResponse => _body is not null;

    private string Path => point == KillPoint.Stream ? JobEndpoints.Stream : JobEndpoints.Job;

    /// <summary>Sends the request that stops at the point.</summary>
    public async Task RunAsync(StudioClient client, Findings findings, Victim victim, CancellationToken stop)
    {
        var response = await client.RunJobAsync(user.Token, Payment.Key, Path, point.ToString(), stop);
        if (response?.Status != HttpStatusCode.OK)
        {
            return;
        }

        _body = response.BodyText;

        // At the point of a group commit, a few captures may be committed before the group begins. A successful response is no finding
        // there.
        if (point == KillPoint.TakenOver || (victim == Victim.Studio && point != KillPoint.GroupCommit))
        {
            findings.Add(FindingKind.WrongResponse, $"A request was successful, although it was at the point {point}.");
        }
    }

    /// <summary>Sends the same request without a point, and repeats it until its handler runs.</summary>
    public async Task OvertakeAsync(StudioClient client, TimeProvider time, CancellationToken stop)
    {
        StudioResponse? response;
        var started = time.GetTimestamp();
        while ((response = await client.RunJobAsync(user.Token, Payment.Key, Path, point: null, stop))?.IsRetryLater == true
            && time.GetElapsedTime(started) < RepeatLimit)
        {
            await Task.Delay(RetryDelay, time, stop);
        }

        _body = response?.Status == HttpStatusCode.OK ? response.BodyText : _body;
    }

    /// <summary>Repeats the request until it receives a response, and checks whether this is the stored response.</summary>
    public async Task RepeatAsync(StudioClient client, Findings findings, Victim victim, TimeProvider time, CancellationToken stop)
    {
        if (await CompleteAsync(client, findings, time, stop) is not { } response)
        {
            return;
        }

        findings.AddRepeat(response.IsReplay);
        var mustBeStored = _body is not null || (victim == Victim.Studio && point == KillPoint.Captured);
        var mustBeNew = _body is null && victim == Victim.Studio && point is not (KillPoint.Captured or KillPoint.GroupCommit);
        if ((mustBeStored && !response.IsReplay) || (mustBeNew && response.IsReplay))
        {
            findings.Add(
                FindingKind.WrongResponse,
                $"The repeat at the point {point} {(response.IsReplay ? "got a stored response" : "ran the work again")}.");
        }

        CheckBody(response, findings);
        if (await CompleteAsync(client, findings, time, stop) is { } again)
        {
            CheckBody(again, findings);
            if (!again.IsReplay)
            {
                findings.Add(FindingKind.WrongResponse, $"A second repeat at the point {point} ran the work again.");
            }
        }
    }

    /// <summary>Sends the request until it is successful.</summary>
    /// <returns>The response, or <see langword="null"/> if no response arrived, which is reported as a finding.</returns>
    public async Task<StudioResponse?> CompleteAsync(StudioClient client, Findings findings, TimeProvider time, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < RepeatLimit)
        {
            var response = await client.RunJobAsync(user.Token, Payment.Key, Path, point: null, stop);
            if (response?.Status == HttpStatusCode.OK)
            {
                return response;
            }

            if (response is { IsRetryLater: false })
            {
                findings.Add(FindingKind.WrongResponse, $"A repeat at the point {point} returned {response.Status}: {response.BodyText}");
                return null;
            }

            await Task.Delay(RetryDelay, time, stop);
        }

        findings.Add(FindingKind.WrongResponse, $"A repeat at the point {point} got no response.");
        return null;
    }

    private void CheckBody(StudioResponse response, Findings findings)
    {
        if (_body is not null && _body != response.BodyText)
        {
            findings.Add(FindingKind.WrongResponse, $"Two responses at the point {point} differ.");
        }

        _body = response.BodyText;
    }
}
