namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Temporarily rejects the host's requests to the project.</summary>
internal sealed class OutageGate : DelegatingHandler
{
    public bool IsDown { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsDown ? throw new HttpRequestException("Connection refused.") : base.SendAsync(request, cancellationToken);
}
