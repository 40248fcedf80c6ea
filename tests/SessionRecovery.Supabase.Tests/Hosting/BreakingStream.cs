namespace SessionRecovery.Supabase.Tests.Hosting;

/// <summary>A response body whose connection breaks after the last byte.</summary>
internal sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await base.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw new IOException("The connection was reset.");
}
