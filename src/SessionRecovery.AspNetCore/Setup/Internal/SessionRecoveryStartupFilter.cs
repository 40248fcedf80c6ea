using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Adds the middleware before the host's own, because <c>WebApplication</c> runs authentication before the host's middleware. Also checks
/// the completed pipeline.
/// </summary>
internal sealed class SessionRecoveryStartupFilter(StartupCheck check) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<SessionRecoveryMiddleware>();
        next(app);
        check.Run(app.ApplicationServices);
    };
}
