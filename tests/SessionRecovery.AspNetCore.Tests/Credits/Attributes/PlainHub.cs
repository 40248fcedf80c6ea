using Microsoft.AspNetCore.SignalR;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

internal sealed class PlainHub : Hub;
