using Microsoft.AspNetCore.Mvc;
using SessionRecovery.AspNetCore.Credits;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Has an action that only a fallback route or a dynamic route selects. MVC finds controllers only if they are public.</summary>
public sealed class FallbackController(WorkCounter counter) : Controller
{
    [RequireCredits(2)]
    public int Run() => counter.Count();
}
