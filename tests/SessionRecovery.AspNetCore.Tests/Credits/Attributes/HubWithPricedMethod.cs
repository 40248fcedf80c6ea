using Microsoft.AspNetCore.SignalR;
using SessionRecovery.AspNetCore.Credits;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

internal sealed class HubWithPricedMethod : Hub
{
    [RequireCredits(1)]
    public string Draw() => Context.ConnectionId;
}
