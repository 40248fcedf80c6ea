using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Replaces the request features with which a handler can take over or end the connection. The credits are captured before a handler takes
/// over the connection, because after that no HTTP response is sent with which the credits could be captured.
/// </summary>
internal sealed class PaidConnectionFeatures : IHttpUpgradeFeature, IHttpExtendedConnectFeature, IHttpWebSocketFeature, IHttpResetFeature
{
    private readonly PaidRequestExecution _execution;
    private readonly IFeatureCollection _features;
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly IHttpWebSocketFeature? _webSocket;
    private readonly IHttpResetFeature? _reset;

    public PaidConnectionFeatures(PaidRequestExecution execution, IFeatureCollection features)
    {
        _execution = execution;
        _features = features;
        _upgrade = Replace<IHttpUpgradeFeature>();
        _connect = Replace<IHttpExtendedConnectFeature>();
        _webSocket = Replace<IHttpWebSocketFeature>();
        _reset = Replace<IHttpResetFeature>();
    }

    bool IHttpUpgradeFeature.IsUpgradableRequest => _upgrade!.IsUpgradableRequest;

    bool IHttpExtendedConnectFeature.IsExtendedConnect => _connect!.IsExtendedConnect;

    string? IHttpExtendedConnectFeature.Protocol => _connect!.Protocol;

    bool IHttpWebSocketFeature.IsWebSocketRequest => _webSocket!.IsWebSocketRequest;

    public void Restore()
    {
        Restore(_upgrade);
        Restore(_connect);
        Restore(_webSocket);
        Restore(_reset);
    }

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        await CaptureIfAsync(_upgrade!.IsUpgradableRequest).ConfigureAwait(false);
        return await _upgrade.UpgradeAsync().ConfigureAwait(false);
    }

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync()
    {
        await CaptureIfAsync(_connect!.IsExtendedConnect).ConfigureAwait(false);
        return await _connect.AcceptAsync().ConfigureAwait(false);
    }

    async Task<WebSocket> IHttpWebSocketFeature.AcceptAsync(WebSocketAcceptContext context)
    {
        await CaptureIfAsync(_webSocket!.IsWebSocketRequest).ConfigureAwait(false);
        return await _webSocket.AcceptAsync(context).ConfigureAwait(false);
    }

    void IHttpResetFeature.Reset(int errorCode)
    {
        _execution.MarkAborted();
        _reset!.Reset(errorCode);
    }

    // A request that is not a WebSocket handshake is not charged, because the server rejects the upgrade.
    private Task CaptureIfAsync(bool isHandshake) => isHandshake ? _execution.CaptureBeforeHandOverAsync() : Task.CompletedTask;

    private T? Replace<T>()
        where T : class
    {
        var feature = _features.Get<T>();
        if (feature is not null)
        {
            _features.Set((T)(object)this);
        }

        return feature;
    }

    private void Restore<T>(T? feature)
        where T : class
    {
        if (feature is not null)
        {
            _features.Set(feature);
        }
    }
}
