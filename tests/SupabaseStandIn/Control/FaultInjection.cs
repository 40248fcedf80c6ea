using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Control;

/// <summary>Applies the configured faults to requests. If several faults match a request, the first one is applied.</summary>
internal sealed class FaultInjection
{
    private readonly Lock _lock = new();
    private readonly List<ActiveFault> _faults = [];
    private readonly List<ActiveFault> _spent = [];

    public void Add(Fault fault)
    {
        lock (_lock)
        {
            _faults.Add(new ActiveFault(fault));
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            foreach (var active in _faults.Concat(_spent))
            {
                active.End();
            }

            _faults.Clear();
            _spent.Clear();
        }
    }

    public async Task ApplyAsync(HttpContext context, ServiceName service, string path, Func<Task> work)
    {
        var active = Take(context.Request.Method, service, path);
        switch (active?.Fault.Kind)
        {
            case null:
                await work();
                break;
            case FaultKind.Down:
                context.Abort();
                break;
            case FaultKind.Reset:
                Reset(context);
                break;
            case FaultKind.Hang:
                await active.EndedAsync(Timeout.InfiniteTimeSpan, context.RequestAborted);
                context.Abort();
                break;
            case FaultKind.Slow:
                await active.EndedAsync(active.Fault.Delay, context.RequestAborted);
                await work();
                break;
            case FaultKind.Status:
                await FailAsync(context.Response, active.Fault.Status, active.Fault.RetryAfter);
                break;
            case FaultKind.TooManyRequests:
                await FailAsync(context.Response, StatusCodes.Status429TooManyRequests, active.Fault.RetryAfter);
                break;
            case FaultKind.ResponseLost:
                await DiscardResponseAsync(context, work);
                break;
        }
    }

    private static Task FailAsync(HttpResponse response, int status, string? retryAfter)
    {
        if (retryAfter is not null)
        {
            response.Headers.RetryAfter = retryAfter;
        }

        return response.TextAsync(
            status,
            $"<html>\r\n<head><title>{status}</title></head>\r\n"
                + $"<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n",
            "text/html");
    }

    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        context.Abort();
    }

    /// <summary>
    /// Discards the response of the service. The client disconnect is hidden from the service, so that the service completes its work.
    /// </summary>
    private static async Task DiscardResponseAsync(HttpContext context, Func<Task> work)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        var aborted = context.RequestAborted;
        context.RequestAborted = CancellationToken.None;
        await work();
        context.RequestAborted = aborted;
        context.Features.Set(body);
        context.Abort();
    }

    private ActiveFault? Take(string method, ServiceName service, string path)
    {
        lock (_lock)
        {
            var active = _faults.FirstOrDefault(fault => fault.Fits(method, service, path));
            if (active is not null && active.CountUse())
            {
                _faults.Remove(active);
                _spent.Add(active);
            }

            return active;
        }
    }

    private sealed class ActiveFault(Fault fault)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _used;

        public Fault Fault { get; } = fault;

        public bool Fits(string method, ServiceName service, string path) =>
            (Fault.Service == ServiceName.All || Fault.Service == service)
            && (Fault.Method is null || string.Equals(Fault.Method, method, StringComparison.OrdinalIgnoreCase))
            && (Fault.Path is null || path.StartsWith(Fault.Path, StringComparison.Ordinal));

        public bool CountUse() => ++_used >= (Fault.Count ?? int.MaxValue);

        public void End() => _ended.TrySetResult();

        /// <summary>Waits until the maximum time has passed, the fault is cleared, or the client has disconnected.</summary>
        public async Task EndedAsync(TimeSpan atMost, CancellationToken aborted)
        {
            try
            {
                await _ended.Task.WaitAsync(atMost, aborted);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                // The exception is ignored, because the end of the time and a client disconnect both end the wait.
            }
        }
    }
}
