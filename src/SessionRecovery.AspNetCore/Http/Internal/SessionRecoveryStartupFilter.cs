using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Puts the middleware before everything that the host adds, since <c>WebApplication</c> authenticates before that, and checks the finished set-up.</summary>
internal sealed class SessionRecoveryStartupFilter(SetupCheck check) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<SessionRecoveryMiddleware>();
        next(app);
        check.Run(app.ApplicationServices);
    };
}
