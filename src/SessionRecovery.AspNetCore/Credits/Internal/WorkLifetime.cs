using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Decides when the work of a paid request is canceled. A client disconnect cancels the work only after bytes of the response were sent.
/// </summary>
internal sealed class WorkLifetime : IDisposable
{
    private const int ClientWasGone = 0x100;

    private readonly CancellationTokenSource _work = new();
    private readonly ITimer _maxWorkTimer;
    private readonly ITimer _stopTimer;
    private readonly List<CancellationTokenRegistration> _registrations = [];
    private readonly CancellationToken _stopping;
    private volatile bool _isResponseSent;

    // Contains the value of WorkEnd and the flag ClientWasGone in one integer.
    private int _end;

    public WorkLifetime(HttpContext context, TimeSpan maxWorkTime, TimeSpan stopDelay, TimeProvider time, CancellationToken stopping)
    {
        _stopping = stopping;
        _maxWorkTimer = time.CreateTimer(EndBy, (this, WorkEnd.MaxWorkTime), maxWorkTime, Timeout.InfiniteTimeSpan);
        _stopTimer = time.CreateTimer(EndBy, (this, WorkEnd.Stopping), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ClientDisconnected = context.Features.Get<ClientConnection>()?.Disconnected ?? context.RequestAborted;
        Register(OnClientDisconnected, ClientDisconnected);
        Register(() => OnStopping(stopDelay), stopping);

        // A host may replace RequestAborted with a token of its own that is linked to the client's token. The cancellation of
        // RequestAborted alone therefore does not show whether the host canceled the request or the client disconnected.
        Register(OnRequestAborted, context.RequestAborted);
        if (context.Features.Get<IHttpRequestTimeoutFeature>() is { } timeout)
        {
            Register(() => End(WorkEnd.Host), timeout.RequestTimeoutToken);
        }
    }

    /// <summary>Gets the token that is canceled when the work must end.</summary>
    public CancellationToken Token => _work.Token;

    /// <summary>Gets the token that is canceled when the client has disconnected.</summary>
    public CancellationToken ClientDisconnected { get; }

    /// <summary>Gets the reason for which the work was canceled.</summary>
    public WorkEnd Reason => (WorkEnd)(Volatile.Read(ref _end) & ~ClientWasGone);

    /// <summary>Gets a value that indicates whether the server canceled the work, and not the client.</summary>
    public bool IsEndedByServer => Reason is WorkEnd.Host or WorkEnd.MaxWorkTime or WorkEnd.Stopping;

    /// <summary>
    /// Gets a value that indicates whether the client had disconnected before the work was canceled. If the work was not canceled, the
    /// value indicates whether the client has disconnected. The token of the connection does not show this, because the cancellation of a
    /// write also closes the connection.
    /// </summary>
    public bool HasClientLeft => Reason switch
    {
        WorkEnd.None or WorkEnd.Completed => ClientDisconnected.IsCancellationRequested,
        WorkEnd.ClientLeft => true,
        _ => (Volatile.Read(ref _end) & ClientWasGone) != 0,
    };

    /// <summary>Records that part of the response was sent. After this call, a client disconnect cancels the work.</summary>
    public void ResponseIsSent()
    {
        _isResponseSent = true;
        if (ClientDisconnected.IsCancellationRequested)
        {
            End(WorkEnd.ClientLeft);
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _maxWorkTimer.Dispose();
        _stopTimer.Dispose();

        // The token source is not disposed while it is being canceled, because the callback of a timer may still use it.
        if (Interlocked.CompareExchange(ref _end, (int)WorkEnd.Completed, (int)WorkEnd.None) == (int)WorkEnd.None)
        {
            _work.Dispose();
        }
    }

    private void OnClientDisconnected()
    {
        if (_isResponseSent)
        {
            End(WorkEnd.ClientLeft);
        }
        else if (_stopping.IsCancellationRequested)
        {
            End(WorkEnd.Stopping);
        }
    }

    private void OnRequestAborted()
    {
        if (!ClientDisconnected.IsCancellationRequested)
        {
            End(WorkEnd.Host);
        }
    }

    // Lets the work continue for a limited time if the client is waiting for the response. If the client has disconnected, the work is
    // canceled at once, and a repeated request runs the work again after the restart.
    private void OnStopping(TimeSpan delay)
    {
        if (ClientDisconnected.IsCancellationRequested)
        {
            End(WorkEnd.Stopping);
        }
        else
        {
            _stopTimer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void End(WorkEnd reason)
    {
        var end = (int)reason | (ClientDisconnected.IsCancellationRequested ? ClientWasGone : 0);
        if (Interlocked.CompareExchange(ref _end, end, (int)WorkEnd.None) == (int)WorkEnd.None)
        {
            // The token is canceled on another thread, because the handler continues on the thread that cancels the token. The continuation
            // must not run in a callback of the server or the host.
            _ = _work.CancelAsync();
        }
    }

    private void Register(Action callback, CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _registrations.Add(token.UnsafeRegister(static state => ((Action)state!)(), callback));
        }
    }

    private static void EndBy(object? state)
    {
        var (lifetime, reason) = ((WorkLifetime, WorkEnd))state!;
        lifetime.End(reason);
    }
}
