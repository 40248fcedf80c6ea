using Microsoft.AspNetCore.SignalR;
using SessionRecovery.AspNetCore.Credits;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

[RequireCredits(1)]
internal sealed class HubWithPrice : Hub;
