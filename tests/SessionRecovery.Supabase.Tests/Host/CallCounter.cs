using System.Collections.Concurrent;

namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Counts the requests of the host to the project, by path.</summary>
internal sealed class CallCounter : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, int> _calls = new();

    public int this[string path] => _calls.GetValueOrDefault(path);

    public void Reset() => _calls.Clear();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _calls.AddOrUpdate(request.RequestUri!.AbsolutePath, 1, static (_, count) => count + 1);
        return base.SendAsync(request, cancellationToken);
    }
}
