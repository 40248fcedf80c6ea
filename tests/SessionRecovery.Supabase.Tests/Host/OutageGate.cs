namespace SessionRecovery.Supabase.Tests.Host;

/// <summary>Refuses the host's requests to the project for a while.</summary>
internal sealed class OutageGate : DelegatingHandler
{
    public bool IsDown { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsDown ? throw new HttpRequestException("Connection refused.") : base.SendAsync(request, cancellationToken);
}
