using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Adds the middleware of SessionRecovery before the host's own middleware. The filter is needed because <c>WebApplication</c> adds
/// authentication before the host's middleware, and the middleware of SessionRecovery must run before authentication. The filter also
/// checks the completed pipeline.
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
